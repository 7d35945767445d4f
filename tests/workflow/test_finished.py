"""Jobs of different fates, submitted as events: what people are told at their end."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from sandbox import logs, misbehaviour, scripts
from sandbox.jobs import Job, Results, Script
from sandbox.slack_view import links, pings
from tests.workflow.conftest import LOG_BUCKET, World


def put_log(world: World, job: Job, content: bytes) -> None:
    """The log where eGain says that it is."""
    world.stack.aws.client("s3").put_object(Bucket=LOG_BUCKET, Key=f"logs/import-logs-{job.id}.txt", Body=content)


def test_good_import_is_told_once_on_every_channel(world: World) -> None:
    job = world.sandbox.egain.jobs.add(scripts.good_import(1500))
    put_log(world, job, logs.import_log(job).encode())
    world.stack.submit(connection="egain-prod", job_id=job.id, name="Nightly KB sync", labels={"team": "kb"})

    told = world.finished(job)

    assert told["outcome"] == "succeeded"
    assert told["headline"] == "Nightly KB sync: import succeeded"
    assert told["results"] == {"successful": 5000, "warnings": 0, "errors": 0}
    assert told["labels"] == {"team": "kb"}
    assert told["log"]["complete"] is True
    [mail] = world.mails(job)
    assert mail.subject == "Nightly KB sync: import succeeded"
    assert mail.to == "team@example.com"
    [message] = world.slack(job)
    assert pings(message) == []
    assert links(message) == [told["links"]["log"]]
    [execution] = world.executions_of(job)
    assert execution["status"] == "SUCCEEDED"
    [attributes] = [
        attributes
        for notification, attributes in zip(world.notifications, world.attributes, strict=True)
        if notification["job_id"] == job.id
    ]
    assert attributes == {
        "notice": "finished",
        "outcome": "succeeded",
        "severity": "good",
        "vendor": "egain",
        "connection": "egain-prod",
        "operation": "import",
        "labels": '["team=kb"]',
    }


def test_soon_after_the_end(world: World) -> None:
    """With polls every second or two, the end is seen within a few seconds of it."""
    job = world.sandbox.egain.jobs.add(scripts.good_import(1500))
    world.stack.submit(connection="egain-prod", job_id=job.id)

    told = world.finished(job)

    detected, finished = (datetime.fromisoformat(told[name]) for name in ("detected_at", "finished_at"))
    assert finished <= detected
    # Room for a cold start on a busy machine; a missed poll would take until the next give-up.
    assert (detected - finished).total_seconds() < 30


def test_import_with_errors_is_never_a_plain_success(world: World) -> None:
    job = world.sandbox.egain.jobs.add(scripts.import_with_errors(900))
    put_log(world, job, gzip.compress(logs.import_log(job).encode()))
    world.stack.submit(connection="egain-prod", job_id=job.id, name="Nightly KB sync")

    told = world.finished(job)

    assert told["outcome"] == "completed_with_errors"
    assert told["headline"] == "Nightly KB sync: import finished with 5 errors"
    assert told["log"]["levels"]["error"] == 5
    assert told["log"]["levels"]["warning"] == 10
    worst = told["log"]["problems"][0]
    assert worst["level"] == "error"
    assert worst["count"] >= 1
    assert worst["example"]
    [mail] = world.mails(job)
    assert "5 errors, 10 warnings, 4,985 successful" in mail.text
    assert worst["example"].split()[-1] in mail.text


def test_validation_with_zero_errors_says_that_the_import_can_start(world: World) -> None:
    job = world.sandbox.egain.jobs.add(scripts.clean_validation(), operation="validation")
    world.stack.submit(connection="egain-prod", job_id=job.id, operation="validation")

    told = world.finished(job)

    assert told["outcome"] == "succeeded"
    assert told["next_step"].startswith("Start the import: the validation found no errors.")


def test_failed_and_retryable_says_that_a_retry_can_succeed(world: World) -> None:
    job = world.sandbox.egain.jobs.add(scripts.failed_retryable(600))
    put_log(world, job, logs.import_log(job).encode())
    world.stack.submit(connection="egain-prod", job_id=job.id)

    told = world.finished(job)

    assert told["outcome"] == "failed"
    assert told["error"] == "Database connection timeout after processing 1250 items"
    assert told["retryable"] is True
    assert told["next_step"].startswith("Start the import again; eGain says a retry can succeed.")


def test_job_id_in_lower_case_is_followed_as_given(world: World) -> None:
    """eGain's UUIDs come in either case; ids are compared, shown and asked for as given."""
    job = world.sandbox.egain.jobs.add(scripts.good_import(300), job_id="7a84b875-6f75-4c7b-b137-0632b62db0bd")
    world.stack.submit(connection="egain-prod", job_id=job.id)

    assert world.finished(job)["job_id"] == "7a84b875-6f75-4c7b-b137-0632b62db0bd"


def test_same_event_many_times_at_once_gives_one_execution_and_one_notice(world: World) -> None:
    job = world.sandbox.egain.jobs.add(scripts.good_import(1200))
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: world.stack.submit(connection="egain-prod", job_id=job.id), range(6)))
    world.finished(job)
    # Once more after the end, with another name: changes nothing.
    world.stack.submit(connection="egain-prod", job_id=job.id, name="another")
    other = world.sandbox.egain.jobs.add(scripts.good_import(300))
    world.stack.submit(connection="egain-prod", job_id=other.id)
    world.finished(other)

    world.listen()
    assert [each["name"] for each in world.notifications if each["job_id"] == job.id] == [None]
    assert len(world.executions_of(job)) == 1
    assert len(world.mails(job)) == 1
    assert len(world.slack(job)) == 1


def test_vendor_trouble_on_the_way_is_no_end(world: World) -> None:
    """A gateway's page, an expired token and a reset connection in the middle: the true end is told all the same."""
    job = world.sandbox.egain.jobs.add(scripts.good_import(2400))
    world.sandbox.egain.faults.set(
        misbehaviour.html(502, times=1, matching=job.id), misbehaviour.reset(times=1, matching=job.id)
    )
    world.stack.submit(connection="egain-prod", job_id=job.id)
    world.sandbox.egain.tokens.revoke()

    told = world.finished(job)

    assert told["outcome"] == "succeeded"
    assert len([each for each in world.notifications if each["job_id"] == job.id]) == 1


def test_log_that_is_missing_or_elsewhere_holds_nothing_back(world: World) -> None:
    missing = world.sandbox.egain.jobs.add(scripts.import_with_errors(300))
    outside = world.sandbox.egain.jobs.add(
        Script(300, results=Results(5000), log_location=f"s3://{LOG_BUCKET}/private/secret.txt")
    )
    for job in (missing, outside):
        world.stack.submit(connection="egain-prod", job_id=job.id)

    assert world.finished(missing)["log"]["complete"] is False
    assert "missing" in world.finished(missing)["log"]["note"]
    assert world.finished(missing)["outcome"] == "completed_with_errors"
    assert "outside LogObjectArns" in world.finished(outside)["log"]["note"]
    assert world.finished(outside)["outcome"] == "succeeded"


def test_job_that_the_vendor_never_knew_is_told_after_the_grace_period(world: World) -> None:
    job = world.sandbox.egain.jobs.add(scripts.never_known())
    submitted_at = datetime.now(UTC)
    world.stack.submit(connection="egain-prod", job_id=job.id)

    told = world.finished(job, within_seconds=120)

    assert told["outcome"] == "not_found"
    assert (datetime.fromisoformat(told["detected_at"]) - submitted_at).total_seconds() >= 60
