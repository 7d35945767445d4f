"""What people read, as it was reviewed: one golden file for each outcome and notice."""

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from jobwatch.channels.slack.blocks import slack_message
from jobwatch.domain.snapshot import Results
from jobwatch.domain.words import Notice, Outcome
from sandbox.slack_rules import faults
from sandbox.slack_view import parts
from tests.architecture.deployment import ROOT
from tests.golden.cases import CASES, LOGS, Case, told
from tests.unit.examples import ended, finished

SCHEMA = json.loads((ROOT / "schemas" / "notification.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.stem)
def test_texts_by_the_shape_of_the_log(log: Path, golden: Callable[[str, str], None]) -> None:
    """Without counts from the vendor, so that the outcome too comes from the log."""
    golden(f"messages/log-{log.stem}.txt", rendered(Case(finished(ended(results=Results())), log.read_bytes())))


@pytest.mark.parametrize("name", CASES)
def test_texts(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"messages/{name}.txt", rendered(CASES[name]))


def test_every_outcome_and_notice_has_a_golden_file() -> None:
    assert set(Notice) <= {case.watch.due[-1] for case in CASES.values()}
    outcomes = {case.watch.outcome for case in CASES.values()} - {None}
    # Of a stopped watch nobody is told.
    assert outcomes == set(Outcome) - {Outcome.STOPPED}


def rendered(case: Case) -> str:
    """The subject, the text message, the email and the Slack message of a case, one below the other."""
    notification, publisher = told(case)
    jsonschema.Draft202012Validator(SCHEMA).validate(notification)
    [(subject, published, attributes)] = publisher.published
    assert json.loads(published["default"]) == notification
    message = slack_message(notification)
    assert faults(message) == []
    slack = "\n".join(f"[{where}] {''.join(run.text for run in part)}" for where, part in parts(message))
    return "\n".join(
        [
            f"SUBJECT {subject}",
            f"SMS     {published['sms']}",
            f"FILTERS {dict(attributes)}",
            "",
            "EMAIL",
            published["email"],
            "SLACK",
            slack,
            "",
        ]
    )
