"""Vendors and Slack as they are on a bad day: what they answer instead of what they should."""

import random
from collections import Counter
from collections.abc import Mapping

from sandbox import misbehaviour
from sandbox.misbehaviour import Fault
from sandbox.server import Sandbox
from sandbox.serving import Server
from sandbox.slack import webhook_error

# Longer than a function waits for a vendor or Slack (15 s).
_TOO_LONG_SECONDS = 17.0


def secrets_of(sandbox: Sandbox) -> dict[str, str]:
    """Every secret that opens a vendor or Slack, by what it is. Tokens come on top as they are issued."""
    return {
        "egain client_secret": sandbox.egain.client_secret,
        "zilliz api_key": sandbox.zilliz.secret["api_key"],
        "github token": sandbox.github.secret["token"],
        "slack webhook": sandbox.slack.hook_token,
        **{f"egain access token {number}": token for number, token in enumerate(sandbox.egain.tokens.issued)},
    }


class BadDay:
    """Changes what the sandbox's servers do wrong, again and again; `clear` makes them behave."""

    def __init__(self, sandbox: Sandbox, chance: random.Random) -> None:
        self._sandbox, self._chance = sandbox, chance
        self._vendors: Mapping[str, Server] = {
            "egain": sandbox.egain,
            "zilliz": sandbox.zilliz,
            "github": sandbox.github,
        }
        self._tokens_expired = 0

    def worsen(self) -> None:
        """Draw anew what is wrong; called every few seconds."""
        down = self._chance.choice([*self._vendors, "slack", "nobody", "nobody"])
        for name, server in self._vendors.items():
            server.faults.clear()
            if name == down:
                server.faults.set(misbehaviour.html(503, times=None))
            else:
                server.faults.set(*self._of_a_vendor(name))
        self._sandbox.slack.faults.clear()
        if down == "slack":
            self._sandbox.slack.faults.set(webhook_error("no_service", times=None))
        else:
            self._sandbox.slack.faults.set(*_of_slack())
        if self._chance.random() < 0.7:
            self._sandbox.egain.tokens.revoke()
            self._tokens_expired += 1

    def clear(self) -> None:
        """Everybody behaves again."""
        for server in (*self._vendors.values(), self._sandbox.slack):
            server.faults.clear()

    def fired(self) -> Counter[str]:
        """How often each fault has come, by server and kind."""
        counts: Counter[str] = Counter({"egain tokens expired": self._tokens_expired})
        for name, server in (*self._vendors.items(), ("slack", self._sandbox.slack)):
            counts.update(f"{name} {_kind(request.fault)}" for request in server.requests if request.fault)
        return counts

    def _of_a_vendor(self, name: str) -> list[Fault]:
        secrets = secrets_of(self._sandbox)
        secret = next(value for key, value in secrets.items() if key.startswith(name))
        faults = [
            # Few, for each one makes the whole connection wait.
            misbehaviour.too_many(1, times=2, probability=0.2),
            misbehaviour.json_error(500, {"code": "500-100", "developerMessage": "oops"}, times=None, probability=0.08),
            # A vendor that shows what it was sent, in the fields whose words are shown to people.
            misbehaviour.json_error(502, _echo(secret), times=None, probability=0.06),
            misbehaviour.html(502, times=None, probability=0.06),
            misbehaviour.truncated_json(times=None, probability=0.02),
            misbehaviour.broken_off(times=None, probability=0.02),
            misbehaviour.reset(times=None, probability=0.05),
            misbehaviour.hang(_TOO_LONG_SECONDS, times=1, probability=0.02),
        ]
        if name == "egain":
            unknown = {"code": "404-100", "developerMessage": "Resource not found"}
            faults.append(misbehaviour.json_error(404, unknown, times=None, probability=0.06, matching="/status"))
        return faults


def _echo(secret: str) -> dict[str, str]:
    said = f"upstream failed, Authorization: Bearer {secret}"
    return {"code": "502-1", "developerMessage": said, "message": said}


def _of_slack() -> list[Fault]:
    return [
        misbehaviour.too_many(2, times=None, probability=0.08),
        misbehaviour.plain(500, "rollup_error", times=None, probability=0.12),
        misbehaviour.html(502, times=None, probability=0.04),
        misbehaviour.reset(times=None, probability=0.04),
        misbehaviour.hang(_TOO_LONG_SECONDS, times=1, probability=0.02),
    ]


def _kind(fault: Fault) -> str:
    if fault.reset:
        return "reset"
    if fault.hang_seconds:
        return "timeout"
    if fault.cut_after_bytes is not None:
        return "broken off"
    if b"Authorization" in fault.body:
        return "502 with the secret in it"
    content = "truncated JSON" if fault.body == misbehaviour.truncated_json().body else fault.content_type.split(";")[0]
    return f"{fault.status} {content.removeprefix('text/').removeprefix('application/')}"
