"""Whatever a vendor, a log or a submission says: SNS and Slack take the message, and it does nothing but be read."""

import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobwatch.channels.slack.blocks import slack_message
from jobwatch.domain.snapshot import Item, Message, Progress, Results
from jobwatch.domain.text import utf16_units
from jobwatch.domain.words import Notice, Outcome
from jobwatch.messages.document import Notification, write_notification
from jobwatch.messages.email import email_text
from jobwatch.messages.gsm import fits_one_message
from jobwatch.messages.notification import build_notification
from jobwatch.messages.size import LARGEST_MESSAGE_BYTES, fit, message_bytes
from jobwatch.messages.sms import PREFIX, sms_line
from jobwatch.messages.subject import subject
from sandbox.slack_rules import MAX_BLOCK_TEXT, block_text_length, faults
from sandbox.slack_view import links, pings, runs
from tests.unit.examples import T0, ended, finished, submission

# What acts in Slack, in mail or in JSON, and the characters that take most bytes.
HOSTILE = [
    "<!channel> <!here> <!everyone> @here @channel @everyone",
    "<@U12345678> <#C12345678> <!subteam^S1234>",
    "<https://evil.example|click> https://evil.example mailto:a@evil.example evil.example",
    "*bold* _italic_ ~strike~ `code` ```block``` > quote",
    "&lt;!channel&gt; &amp;",
    ":tada: :+1: x:tada:y",
    '"\\' * 40,
    "\U0001f389" * 60,
    "\u202e\u2066\x1b[31m\r\n\x00",
    "line\nbreak\u2028separator",
    "日本語の名前",
    "",
    " ",
]
TEXTS = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
LONG = st.builds(lambda text, times: (text or "x") * times, TEXTS, st.integers(1, 20))

# A stopped watch has no end to tell.
TOLD = [outcome for outcome in Outcome if outcome is not Outcome.STOPPED]


def parts(notification: Notification) -> dict[str, str]:
    return {
        "default": write_notification(notification),
        "email": email_text(notification),
        "sms": sms_line(notification),
    }


def log(text: str, problems: int) -> dict[str, Any]:
    return {
        "location": f"s3://mybucket/logs/{text[:900]}",
        "bytes": 10**12,
        "lines": 10**9,
        "levels": {"error": 10**6, "warning": 10**6},
        "problems": [
            {"level": "error", "template": text, "count": 10**6, "first_line": 1, "example": text + " e.g."}
            for _ in range(problems)
        ],
        "complete": True,
        "note": text or None,
    }


@st.composite
def notifications(draw: st.DrawFn) -> Notification:
    """Any notification of the documented types, its texts hostile and long."""
    text, many = draw(LONG), draw(st.integers(0, 60))
    about = submission(
        job_id=draw(st.sampled_from(["1", "x" * 200, "<!channel>", "日" * 200])),
        name=draw(st.none() | LONG.map(lambda name: name[:120])),
        submitted_by=draw(st.none() | LONG),
        labels=draw(st.dictionaries(TEXTS, LONG, max_size=10)),
    )
    end = ended(
        error=draw(st.none() | LONG),
        vendor_status=text[:80],
        progress=Progress(draw(st.none() | st.floats(0, 1e15)), draw(st.none() | st.floats(0, 1e15)), None),
        results=Results(draw(st.none() | st.integers(0, 10**15)), None, draw(st.none() | st.integers(0, 10**15))),
        items=tuple(Item(text, text, 5, text or None, failed=number % 2 == 0) for number in range(many)),
        messages=tuple(Message("error", text) for _ in range(many)),
        remarks=(text,) * draw(st.integers(0, 5)),
    )
    watch = finished(end, about)
    notice = draw(st.sampled_from(Notice))
    outcome = draw(st.sampled_from(TOLD)) if notice is Notice.FINISHED else None
    said = build_notification(watch, notice, outcome, log(text, many) if draw(st.booleans()) else None, at=T0)
    return fit(said, lambda note: message_bytes(parts(note)))


@settings(max_examples=40)
@given(notifications())
def test_sns_takes_the_message(notification: Notification) -> None:
    """Subjects: fewer than 100 characters of UTF-8, without line breaks and control characters."""
    for line in (subject(notification), sms_line(notification)):
        assert line.strip() == line != ""
        assert not {"Cc", "Cs", "Zl", "Zp"} & {unicodedata.category(character) for character in line}
    assert utf16_units(subject(notification)) <= 99
    assert fits_one_message(PREFIX + sms_line(notification))
    assert message_bytes(parts(notification)) < LARGEST_MESSAGE_BYTES
    email = email_text(notification)
    assert not {"Cc", "Cs"} & {unicodedata.category(character) for character in email.replace("\n", "")}
    assert email.splitlines().count("NEXT") == 1, "text from outside passes for a heading"


@settings(max_examples=40)
@given(notifications())
def test_slack_takes_the_message_and_nothing_in_it_acts(notification: Notification) -> None:
    message = slack_message(notification)
    assert faults(message) == []
    assert block_text_length(message["blocks"]) <= MAX_BLOCK_TEXT
    assert message["text"]
    assert pings(message) == []
    assert {run.kind for run in runs(message)} <= {"text", "date", "link"}
    assert set(links(message)) <= {notification["links"]["log"]}
    bold = [run.text for run in runs(message) if run.styles]
    assert {style for run in runs(message) for style in run.styles} <= {"bold"}, "only jobwatch's own bold"
    # The cause is bold as it stands, and no other text from outside.
    bold = [text for text in bold if not (notification["cause"] or "").startswith(text.removesuffix("…"))]
    assert not any("tada" in text or "evil" in text or "italic" in text for text in bold)
    # A client that ignores "mrkdwn": false still finds nobody to ping and nothing to click.
    assert {run.kind for run in runs({**message, "mrkdwn": True})} <= {"text", "date", "link"}
    assert set(links({**message, "mrkdwn": True})) <= {notification["links"]["log"]}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_it_stands(text: str) -> None:
    end = finished(ended(error=text), submission(name=text))
    message = slack_message(build_notification(end, Notice.FINISHED, Outcome.FAILED, None, at=T0))
    assert {run.kind for run in runs({**message, "mrkdwn": True})} <= {"text", "date"}
    literal = " ".join(text.split())
    if literal.isprintable() and literal:
        assert any(literal in run.text for run in runs(message))


def test_what_is_cut_is_said_and_ids_stay_whole() -> None:
    emoji = "\U0001f389"
    end = finished(
        ended(
            items=tuple(Item(emoji * 200, emoji * 80, 1, emoji * 500, failed=True) for _ in range(50)),
            messages=tuple(Message("error", '"\\' * 250) for _ in range(50)),
        ),
        submission(job_id="j" * 200),
    )
    whole = build_notification(end, Notice.FINISHED, end.outcome, log('"\\' * 300, 50), at=T0)
    assert message_bytes(parts(whole)) > LARGEST_MESSAGE_BYTES
    cut = fit(whole, lambda note: message_bytes(parts(note)))
    assert cut["remarks"][-1] == "Long texts and lists were cut to fit into one message."
    assert (cut["job_id"], cut["watch_id"]) == ("j" * 200, end.watch_id)
    assert list(cut) == list(whole)


def test_what_fits_is_not_touched() -> None:
    end = finished()
    whole = build_notification(end, Notice.FINISHED, end.outcome, None, at=T0)
    assert fit(whole, lambda note: message_bytes(parts(note))) is whole


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Nightly KB sync", "Nightly KB sync"),
        ("Émile’s “news” – März…", "Émile’s “news” – März…"),
        ("日本語の名前", "日本語の名前"),
        ("👩‍💻 sync", "👩‍💻 sync"),
        ("می‌خواهم", "\u2068می‌خواهم\u2069"),
        ("סנכרון לילי", "\u2068סנכרון לילי\u2069"),
        ("two\nlines", "two lines"),
    ],
)
def test_subjects_begin_with_the_name_whatever_its_script(name: str, shown: str) -> None:
    end = finished(about=submission(name=name))
    line = subject(build_notification(end, Notice.FINISHED, end.outcome, None, at=T0))
    assert line == f"{shown}: import finished with 5 errors"


@pytest.mark.parametrize("name", ["n" * 120, "夜間同期" * 30, "👩‍💻" * 30, "סנכרון" * 20])
def test_a_long_name_is_cut_and_what_happened_stays(name: str) -> None:
    end = finished(about=submission(name=name))
    line = subject(build_notification(end, Notice.FINISHED, end.outcome, None, at=T0))
    assert utf16_units(line) <= 99
    assert line.endswith(("…: import finished with 5 errors", "…\u2069: import finished with 5 errors"))
    assert line.removeprefix("\u2068").startswith(name[:30])
    assert "\u200d…" not in line


def test_more_problems_than_shown_are_counted() -> None:
    end = finished()
    many = log("x", 20)
    for number, problem in enumerate(many["problems"]):
        problem |= {"template": f"Cause {number} of them", "example": f"Cause {number} of them"}
    worst = {**many["problems"][0], "count": 10**7, "template": "Worst", "example": "The worst cause"}
    many["problems"].insert(0, worst)
    said = build_notification(end, Notice.FINISHED, end.outcome, many, at=T0)
    assert "and 12 more kinds" in email_text(said)
    assert any("15 more kinds" in run.text for run in runs(slack_message(said)))


def test_a_notice_without_a_snapshot_can_be_rendered() -> None:
    lost = replace(finished(), snapshot=None, outcome=Outcome.NOT_FOUND)
    said = build_notification(lost, Notice.FINISHED, Outcome.NOT_FOUND, None, at=T0)
    assert "eGain does not know this import" in email_text(said)
    assert faults(slack_message(said)) == []


def test_a_remark_of_nothing_but_blanks_is_none() -> None:
    """Slack refuses an element without a character, and the whole message with it."""
    end = finished(ended(remarks=("  ", "\u3000", "worth a look")))
    note = build_notification(end, Notice.FINISHED, Outcome.COMPLETED_WITH_ERRORS, None, at=T0)
    assert "worth a look" in note["remarks"]
    assert all(remark.strip() for remark in note["remarks"])
    assert faults(slack_message(note)) == []
