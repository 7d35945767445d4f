"""Posting to Slack: both ways, and what each refusal means for the next try."""

from collections.abc import Callable

import pytest

from jobwatch.channels.posting import Posting
from jobwatch.channels.slack.blocks import slack_message
from jobwatch.channels.slack.channel import Slack
from jobwatch.domain.words import Notice
from jobwatch.http.transport import Transport
from jobwatch.messages.notification import build_notification
from jobwatch.ports import ChannelRefusedError, ChannelThrottledError, ChannelUnavailableError
from sandbox import misbehaviour
from sandbox.server import Sandbox
from sandbox.slack import WEBHOOK_ERRORS, api_error, rate_limited, webhook_error
from tests.fakes import FakeSecrets
from tests.unit.examples import T0, finished

END = finished()
NOTE = build_notification(END, Notice.FINISHED, END.outcome, None, at=T0)
MESSAGE = slack_message(NOTE)


class World:
    """A Slack channel reached with one of the two kinds of secret."""

    def __init__(self, sandbox: Sandbox, secret: dict[str, str]) -> None:
        self.slack = sandbox.slack
        self.secrets = FakeSecrets({"jobwatch-slack": secret})
        self.api = Slack(Posting(Transport(2.0), self.secrets, "jobwatch-slack"))

    def post(self) -> None:
        self.api.post(NOTE)


@pytest.fixture(params=["webhook", "bot"])
def world(request: pytest.FixtureRequest, sandbox: Sandbox) -> World:
    secret = sandbox.slack.webhook_secret if request.param == "webhook" else sandbox.slack.bot_secret
    return World(sandbox, secret)


@pytest.fixture
def webhook(sandbox: Sandbox) -> World:
    return World(sandbox, sandbox.slack.webhook_secret)


@pytest.fixture
def bot(sandbox: Sandbox) -> World:
    return World(sandbox, sandbox.slack.bot_secret)


def test_slack_takes_the_message(world: World) -> None:
    world.post()
    [received] = world.slack.messages
    assert received.payload["blocks"] == MESSAGE["blocks"]


def test_a_429_says_how_long_to_wait(world: World) -> None:
    world.slack.faults.set(rate_limited(7))
    with pytest.raises(ChannelThrottledError) as throttled:
        world.post()
    assert throttled.value.retry_after_seconds == 7
    world.slack.faults.set(misbehaviour.json_error(429, {}))
    with pytest.raises(ChannelThrottledError) as throttled:
        world.post()
    assert throttled.value.retry_after_seconds > 0


@pytest.mark.parametrize(
    "fault",
    [
        lambda: misbehaviour.html(502),
        lambda: misbehaviour.plain(500, "x"),
        lambda: misbehaviour.reset(times=3),
        lambda: misbehaviour.hang(20),
    ],
)
def test_what_passes_may_be_tried_again(world: World, fault: Callable[[], misbehaviour.Fault]) -> None:
    world.slack.faults.set(fault())
    with pytest.raises(ChannelUnavailableError):
        world.post()


def test_a_page_is_not_slacks_yes(world: World) -> None:
    """A proxy's sign-in page comes with 200 too."""
    world.slack.faults.set(misbehaviour.html(200))
    with pytest.raises(ChannelRefusedError, match="HTTP 200"):
        world.post()


@pytest.mark.parametrize("error", [error for error, status in WEBHOOK_ERRORS.items() if status < 500])
def test_a_webhooks_refusal_needs_a_person(webhook: World, error: str) -> None:
    webhook.slack.faults.set(webhook_error(error))
    with pytest.raises(ChannelRefusedError, match=error):
        webhook.post()
    assert webhook.secrets.forgotten == ["jobwatch-slack"], "a corrected secret counts at once"


@pytest.mark.parametrize("error", ["invalid_auth", "channel_not_found", "is_archived", "invalid_blocks", "unheard_of"])
def test_the_apis_refusal_under_http_200_needs_a_person(bot: World, error: str) -> None:
    bot.slack.faults.set(api_error(error))
    with pytest.raises(ChannelRefusedError, match=error):
        bot.post()


@pytest.mark.parametrize("error", ["internal_error", "service_unavailable", "fatal_error"])
def test_some_errors_under_http_200_pass(bot: World, error: str) -> None:
    bot.slack.faults.set(api_error(error))
    with pytest.raises(ChannelUnavailableError, match=error):
        bot.post()


def test_ratelimited_under_http_200_is_throttling(bot: World) -> None:
    bot.slack.faults.set(api_error("ratelimited"))
    with pytest.raises(ChannelThrottledError):
        bot.post()


def test_an_api_answer_that_is_not_ok_is_no_success(bot: World) -> None:
    bot.slack.faults.set(misbehaviour.html(200))
    with pytest.raises(ChannelRefusedError):
        bot.post()


@pytest.mark.parametrize(
    "secret",
    [
        None,
        {},
        {"webhook_url": ""},
        {"webhook_url": "http://hooks.slack.com/services/T/B/x"},
        {"webhook_url": "https://user:pw@hooks.slack.com/services/T/B/x"},
        {"bot_token": "xoxb-1"},
        {"channel": "C1"},
        {"bot_token": "xoxb-1\nX: y", "channel": "C1"},
        {"bot_token": "xoxb-1", "channel": "C1", "api_url": "http://slack.example/api"},
    ],
)
def test_an_unusable_secret_is_refused_without_sending(
    webhook: World, sandbox: Sandbox, secret: dict[str, str] | None
) -> None:
    webhook.secrets.by_name = {} if secret is None else {"jobwatch-slack": secret}
    with pytest.raises(ChannelRefusedError, match="jobwatch-slack") as refused:
        webhook.post()
    assert "xoxb" not in str(refused.value)
    assert webhook.secrets.forgotten == ["jobwatch-slack"]
    assert sandbox.slack.requests == []


def test_the_token_goes_to_slack_alone_and_not_into_the_body(bot: World, sandbox: Sandbox) -> None:
    sandbox.slack.faults.set(misbehaviour.redirect(f"{sandbox.stranger.url}/steal", 307))
    with pytest.raises(ChannelUnavailableError):
        bot.post()
    bot.post()
    assert sandbox.stranger.requests == []
    assert all(sandbox.slack.bot_token not in request.body.decode() for request in sandbox.slack.requests)


@pytest.mark.parametrize("kind", ["webhook", "bot"])
def test_an_echoed_secret_is_masked(sandbox: Sandbox, kind: str) -> None:
    world = World(sandbox, sandbox.slack.webhook_secret if kind == "webhook" else sandbox.slack.bot_secret)
    held = sandbox.slack.webhook_url if kind == "webhook" else sandbox.slack.bot_token
    sandbox.slack.faults.set(misbehaviour.plain(403, f"no: {held}"))
    with pytest.raises(ChannelRefusedError) as refused:
        world.post()
    assert held not in str(refused.value)


@pytest.mark.parametrize("kind", ["webhook", "bot"])
def test_a_rotated_secret_is_read_anew_and_the_message_posted(sandbox: Sandbox, kind: str) -> None:
    """A warm function keeps the secret for minutes; the old one is refused at once."""
    rotated = sandbox.slack.webhook_secret if kind == "webhook" else sandbox.slack.bot_secret
    old = {name: f"{value}x" if name in ("webhook_url", "bot_token") else value for name, value in rotated.items()}
    world = World(sandbox, old)
    world.secrets.rotated["jobwatch-slack"] = rotated
    world.post()
    [received] = world.slack.messages
    assert received.payload["blocks"] == MESSAGE["blocks"]
    world.post()
    assert world.secrets.forgotten == ["jobwatch-slack"]


def test_a_secret_that_was_rotated_to_another_wrong_one_is_refused_after_one_more_post(
    sandbox: Sandbox, webhook: World
) -> None:
    sandbox.slack.faults.set(webhook_error("no_service"))
    url = webhook.secrets.by_name["jobwatch-slack"]["webhook_url"]
    webhook.secrets.rotated["jobwatch-slack"] = {"webhook_url": f"{url}y"}
    with pytest.raises(ChannelRefusedError):
        webhook.post()
    assert len(sandbox.slack.requests) == 2


def test_a_refused_secret_that_is_still_the_same_is_posted_with_once(sandbox: Sandbox, webhook: World) -> None:
    sandbox.slack.faults.set(webhook_error("no_service"))
    with pytest.raises(ChannelRefusedError):
        webhook.post()
    assert len(sandbox.slack.requests) == 1
    assert webhook.secrets.forgotten
