"""If the sandbox takes what Slack refuses, or misses a mention, the notifier's tests prove nothing."""

import io
from typing import Any

import pytest
import requests
from rich.console import Console

from sandbox.server import Sandbox
from sandbox.slack import WEBHOOK_ERRORS, api_error, rate_limited, webhook_error
from sandbox.slack_rules import MAX_BLOCKS, faults
from sandbox.slack_view import draw, links, pings, runs, shown

HEADER = {"type": "header", "text": {"type": "plain_text", "text": "Import finished"}}


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, **more}}


def rich(*elements: dict[str, Any], kind: str = "rich_text_section") -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(elements)}]}


def post(sandbox: Sandbox, payload: Any) -> tuple[int, str]:
    answer = requests.post(sandbox.slack.webhook_url, json=payload, timeout=5)
    return answer.status_code, answer.text


def test_a_good_message_is_kept(sandbox: Sandbox) -> None:
    payload = {"text": "done", "blocks": [HEADER, section("*5000* articles"), {"type": "divider"}]}
    assert post(sandbox, payload) == (200, "ok")
    (message,) = sandbox.slack.wait_for(1, 1)
    assert (message.payload, message.via) == (payload, "webhook")


@pytest.mark.parametrize(
    ("payload", "answer"),
    [
        ({}, (400, "no_text")),
        ({"text": ""}, (400, "no_text")),
        ({"text": 5}, (400, "invalid_payload")),
        ([], (400, "invalid_payload")),
        ({"text": "x" * 40_001}, (400, "msg_too_long")),
        ({"blocks": [HEADER] * 51}, (400, "invalid_blocks")),
        ({"blocks": [section("x" * 2900)] * 4}, (400, "msg_blocks_too_long")),
    ],
)
def test_what_a_webhook_refuses(sandbox: Sandbox, payload: Any, answer: tuple[int, str]) -> None:
    assert post(sandbox, payload) == answer
    assert sandbox.slack.messages == []


def test_wrong_addresses(sandbox: Sandbox) -> None:
    right = sandbox.slack.webhook_url
    wrong_token = requests.post(right[:-1] + "x", json={"text": "a"}, timeout=5)
    wrong_service = requests.post(right.replace("B00000000", "B1"), json={"text": "a"}, timeout=5)
    assert (wrong_token.status_code, wrong_token.text) == (403, "invalid_token")
    assert (wrong_service.status_code, wrong_service.text) == (404, "no_service")
    broken = requests.post(right, data="{", timeout=5)
    assert (broken.status_code, broken.text) == (400, "invalid_payload")


@pytest.mark.parametrize("error", WEBHOOK_ERRORS)
def test_refusals_on_demand(sandbox: Sandbox, error: str) -> None:
    sandbox.slack.faults.set(webhook_error(error))
    assert post(sandbox, {"text": "a"}) == (WEBHOOK_ERRORS[error], error)
    assert post(sandbox, {"text": "a"}) == (200, "ok")


def test_post_message(sandbox: Sandbox) -> None:
    url, slack = f"{sandbox.slack.api_url}/chat.postMessage", sandbox.slack
    held = {"Authorization": f"Bearer {slack.bot_token}"}

    def call(payload: dict[str, Any], headers: dict[str, str] = held) -> Any:
        answer = requests.post(url, json=payload, headers=headers, timeout=5)
        assert answer.status_code == 200
        return answer.json()

    good = {"channel": slack.channel, "text": "hello"}
    assert call(good, {})["error"] == "not_authed"
    assert call(good, {"Authorization": "Bearer x"})["error"] == "invalid_auth"
    assert call({"channel": "C9", "text": "a"})["error"] == "channel_not_found"
    wrong = call({"channel": slack.channel, "blocks": [section("")]})
    assert wrong["error"] == "invalid_blocks"
    assert wrong["response_metadata"]["messages"] == [
        "[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]"
    ]
    assert call(good)["ok"] is True
    slack.faults.set(api_error("is_archived"))
    assert call(good) == {"ok": False, "error": "is_archived"}
    slack.faults.set(rate_limited(7))
    limited = requests.post(url, json=good, headers=held, timeout=5)
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "7")
    assert len(slack.messages) == 1


@pytest.mark.parametrize(
    "block",
    [
        HEADER,
        section("x" * 3000),
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2000}] * 10},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 10},
        {"type": "header", "text": {"type": "plain_text", "text": "x" * 150}, "block_id": "b" * 255},
        rich({"type": "text", "text": " ", "style": {"bold": True}}, {"type": "link", "url": "https://a.b"}),
        rich({"type": "text", "text": "trace"}, kind="rich_text_preformatted"),
        rich({"type": "broadcast", "range": "here"}, {"type": "user", "user_id": "U1"}),
    ],
)
def test_blocks_at_the_limits_are_taken(block: dict[str, Any]) -> None:
    assert faults({"blocks": [block]}) == []


@pytest.mark.parametrize(
    ("block", "fault"),
    [
        ({"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}, "less than 151"),
        ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "unsupported type: mrkdwn"),
        (section("x" * 3001), "less than 3001"),
        (section(" "), "more than 0"),
        ({"type": "section"}, "missing required field: text"),
        ({"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]}, "less than 2001"),
        ({"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11}, "no more than 10"),
        ({"type": "section", "fields": []}, "no fewer than 1"),
        ({"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}, "no more than 10"),
        ({"type": "divider", "block_id": "b" * 256}, "less than 256"),
        ({"type": "divider", "text": "x"}, "unknown field: text"),
        ({"type": "marquee"}, "unsupported type: marquee"),
        ("text", "unsupported type: text"),
        ({"type": "section", "text": "x"}, "must provide an object"),
        (section("x", emoji=True), "unknown field: emoji"),
        (rich(), "no fewer than 1"),
        (rich({"type": "text", "text": ""}), "more than 0"),
        (rich({"type": "text", "text": "x", "style": {"blink": True}}), "invalid style"),
        (rich({"type": "link", "url": "x"}), "valid URL"),
        (rich({"type": "broadcast", "range": "all"}), "must be one of"),
        (rich({"type": "user", "user_id": "U1"}, kind="rich_text_preformatted"), "only text and link"),
        (rich({"type": "text", "text": "x"}, kind="rich_text_list"), "missing required field: style"),
        (rich({"type": "text", "text": "x"}, kind="rich_text_table"), "unsupported type"),
    ],
)
def test_blocks_over_the_limits_are_refused(block: Any, fault: str) -> None:
    assert any(fault in text for text in faults({"blocks": [block]})), faults({"blocks": [block]})


def test_fifty_blocks_and_no_more() -> None:
    assert faults({"blocks": [HEADER] * MAX_BLOCKS}) == []
    assert faults({"blocks": [HEADER] * (MAX_BLOCKS + 1)}) == [
        "[ERROR] no more than 50 items allowed [json-pointer:/blocks]"
    ]


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("<!here>", ["@here"]),
        ("<!channel|all>", ["@channel"]),
        ("<@U1>", ["@U1"]),
        ("<!subteam^S1|@ops>", ["@S1"]),
        ("`<!here>`", ["@here"]),
        ("*a <@U1> b*", ["@U1"]),
        ("say @channel now", ["@channel"]),
        ("&lt;!here&gt;", []),
        ("mail@here.com", []),
        ("<https://a.b|@here>", []),
    ],
)
def test_who_is_pinged(text: str, whom: list[str]) -> None:
    assert pings({"text": text}) == whom
    assert pings({"blocks": [section(text)]}) == whom
    assert pings({"blocks": [rich({"type": "text", "text": text})]}) == []
    assert pings({"blocks": [{"type": "header", "text": {"type": "plain_text", "text": text}}]}) == []


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("<https://a.b/c|log>", ["https://a.b/c"]),
        ("see https://a.b/c now", ["https://a.b/c"]),
        ("<mailto:a@b.c>", ["mailto:a@b.c"]),
        ("&lt;https&#58;//a.b&gt;", []),
    ],
)
def test_what_can_be_clicked(text: str, where: list[str]) -> None:
    assert links({"blocks": [section(text)]}) == where


def test_buttons_images_and_rich_links_are_links() -> None:
    button = {"type": "button", "text": {"type": "plain_text", "text": "Open"}, "url": "https://b"}
    payload = {
        "blocks": [
            {"type": "actions", "elements": [button]},
            {"type": "image", "image_url": "https://i", "alt_text": "chart"},
            rich({"type": "link", "url": "https://l"}),
        ]
    }
    assert links(payload) == ["https://b", "https://i", "https://l"]


HOSTILE = "*bold* _it_ ~gone~ `code` :tada: <!here> <@U1> https://evil.example"


def test_hostile_text_stays_readable_only_where_slack_would_not_act_on_it() -> None:
    assert shown({"blocks": [rich({"type": "text", "text": HOSTILE})]}) == HOSTILE
    seen = shown({"blocks": [section(HOSTILE)]})
    assert HOSTILE not in seen
    assert "[ping @here]" in seen
    assert "[emoji tada]" in seen
    styles = {style for run in runs({"blocks": [section(HOSTILE)]}) for style in run.styles}
    assert styles == {"bold", "italic", "strike", "code"}


def test_plain_text_acts_on_emoji_names_unless_told_not_to() -> None:
    assert "[emoji tada]" in shown({"blocks": [{"type": "header", "text": {"type": "plain_text", "text": ":tada:"}}]})
    quiet = {"type": "plain_text", "text": ":tada:", "emoji": False}
    assert shown({"blocks": [{"type": "header", "text": quiet}]}) == ":tada:"
    assert shown({"blocks": [section("at 10:30:45")]}) == "at 10:30:45"


def test_a_quote_is_formatting_even_when_escaped() -> None:
    assert shown({"blocks": [section("&gt; sorry")]}) == " sorry"


def test_drawing_makes_mentions_and_links_plain() -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    fields = {"type": "section", "fields": [{"type": "mrkdwn", "text": t} for t in ("*Total*\n5000", "*Errors*\n5")]}
    console.print(draw({"text": "note", "blocks": [HEADER, fields, section("<!here> <https://a.b|log>")]}))
    text = console.export_text()
    console.file.close()
    assert "notification: note" in text
    assert "⚠ PING @here" in text
    assert "log → https://a.b" in text
    assert any("Total" in line and "Errors" in line for line in text.splitlines())
