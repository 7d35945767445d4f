"""A submission's way through intake's queue: bad neighbours, none of the queue, dead letters and back."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from jobwatch_cli.redrive import Queue, Redriven, redrive
from sandbox import scripts
from sandbox.jobs import Job
from tests.workflow.conftest import NotYetError, World

STACK = "jobwatch-test"


def physical(world: World, logical: str) -> str:
    found = world.stack.aws.client("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId=logical)
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def event_of(job: Job, **detail: Any) -> dict[str, Any]:
    """The event as EventBridge hands it to a target."""
    return {
        "version": "0",
        "id": f"event-of-{job.id}",
        "detail-type": "Job Submitted",
        "source": "content.sync",
        "account": "000000000000",
        "time": "2024-03-01T10:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {"connection": "egain-prod", "job_id": job.id, **detail},
    }


def watched(world: World, *jobs: Job) -> list[dict[str, Any]]:
    """The table's items of the jobs, once all are there."""

    def look() -> list[dict[str, Any]]:
        items = [item for item in world.stack.watches().values() if item["job_id"] in {job.id for job in jobs}]
        if len(items) < len(jobs):
            raise NotYetError(f"of {len(jobs)} jobs {len(items)} are watched")
        return items

    return world.until(look, 30)


def new_job(world: World) -> Job:
    return world.sandbox.egain.jobs.add(scripts.good_import(duration_seconds=600))


@pytest.fixture
def impatient(world: World) -> Iterator[str]:
    """Intake's queue, whose messages come again within seconds and are dead after two failures."""
    sqs, url = world.stack.aws.client("sqs"), physical(world, "SubmissionQueue")
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy", "VisibilityTimeout"])["Attributes"]
    policy = {**json.loads(before["RedrivePolicy"]), "maxReceiveCount": 2}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "10", "RedrivePolicy": json.dumps(policy)})
    yield url
    sqs.set_queue_attributes(QueueUrl=url, Attributes=before)


def test_a_bad_message_in_a_batch_holds_no_other_up_and_ends_as_a_dead_letter(world: World, impatient: str) -> None:
    jobs = [new_job(world) for _ in range(4)]
    bodies = [json.dumps(event_of(job)) for job in jobs]
    bodies.insert(2, "no JSON")
    world.stack.aws.client("sqs").send_message_batch(
        QueueUrl=impatient, Entries=[{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
    )

    assert len(watched(world, *jobs)) == len(jobs)
    letters = physical(world, "SubmissionDeadLetters")
    dead = world.until(lambda: _messages(world, impatient, letters), 60)
    assert [message["Body"] for message in dead] == ["no JSON"]


def test_a_submission_that_is_handed_in_twice_is_one_watch(world: World) -> None:
    job = new_job(world)
    for _ in range(3):
        world.stack.submit(connection="egain-prod", job_id=job.id)
    watched(world, job)
    world.finished(job)
    assert len(world.executions_of(job)) == 1
    assert len([each for each in world.notifications if each["job_id"] == job.id]) == 1


def test_an_event_that_is_handed_over_without_the_queue_is_watched(world: World) -> None:
    """On its way when the stack got its queue, or from an older `jobwatch redrive`."""
    job = new_job(world)
    world.stack.aws.client("lambda").invoke(
        FunctionName=physical(world, "IntakeFunction"),
        InvocationType="Event",
        Payload=json.dumps(event_of(job)).encode(),
    )
    assert len(watched(world, job)) == 1


def test_dead_letters_of_before_the_queue_and_of_now_are_redriven(world: World) -> None:
    before, now = new_job(world), new_job(world)
    letters = physical(world, "SubmissionDeadLetters")
    record = {
        "version": "1.0",
        "requestContext": {"condition": "RetriesExhausted", "approximateInvokeCount": 3},
        "requestPayload": event_of(before),
        "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
        "responsePayload": {"errorType": "ServiceUnavailableError"},
    }
    for body in (record, event_of(now)):
        world.stack.aws.client("sqs").send_message(QueueUrl=letters, MessageBody=json.dumps(body))

    clients = {service: world.stack.aws.client(service) for service in ("cloudformation", "sqs", "lambda")}
    assert redrive(clients, STACK, Queue.SUBMISSIONS) == Redriven(2, ())

    assert {item["submitted_at"] for item in watched(world, before, now)} == {"2024-03-01T10:00:00Z"}
    left = world.stack.aws.client("sqs").get_queue_attributes(QueueUrl=letters, AttributeNames=["All"])["Attributes"]
    assert left["ApproximateNumberOfMessages"] == left["ApproximateNumberOfMessagesNotVisible"] == "0"


def _messages(world: World, source: str, queue_url: str) -> list[dict[str, Any]]:
    """What is on a queue, removed from it. MiniStack moves dead letters when somebody receives from their source."""
    sqs = world.stack.aws.client("sqs")
    sqs.receive_message(QueueUrl=source, VisibilityTimeout=0)
    messages: list[dict[str, Any]] = sqs.receive_message(QueueUrl=queue_url).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    if not messages:
        raise NotYetError("there is no dead letter yet")
    return messages
