"""What a status only points to: a second request, once the job has ended, in a slot of its own."""

import json
from datetime import timedelta
from typing import Any

import pytest

from jobwatch.domain.exchange import NotAskableError, Response
from jobwatch.domain.follow import LONGEST_RETRY_AFTER_SECONDS
from jobwatch.domain.snapshot import FailureKind, Item, NotFound, PollFailure, Results, Snapshot
from jobwatch.domain.timetable import Slot
from jobwatch.domain.words import Notice, Outcome
from jobwatch.ports import ServiceUnavailableError
from jobwatch.vendors.rest import Rest
from tests.fakes import FakeVendorStatus
from tests.unit.examples import ended
from tests.unit.rest_examples import NOW, SECRET, answered, described, submitted
from tests.unit.test_poll import World

ITEMS = {"items": "body.errors[].{name: line, error: message}"}
AT_A_PATH = {"details": {"path": "/jobs/{job_id}/errors", "query": {"limit": 100}, "snapshot": ITEMS}}
WHERE_IT_SAYS = {"details": {"address": "body.errors_url", "snapshot": ITEMS}}


def second(rest: dict[str, Any], body: Any, status_code: int = 200, first: Any = None) -> Any:
    connection = described(rest)
    end = answered(first or {"status": "done", "errors_url": "/v1/jobs/7/errors"}, connection)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Rest(connection).read_details(submitted(), end, Response(status_code, {}, content, NOW))


class TestWhere:
    def test_a_path_below_the_connections_address_once_the_job_has_ended(self) -> None:
        connection = described(AT_A_PATH)
        assert answered({"status": "done"}, connection).details == "https://api.example.com/v1/jobs/7/errors?limit=100"
        assert answered({"status": "running"}, connection).details is None

    def test_what_it_lacks_is_said_with_its_place(self) -> None:
        connection = described({"details": {"path": "/{parameters.bucket}/{job_id}", "snapshot": ITEMS}})
        with pytest.raises(NotAskableError, match=r"parameters\.bucket: is needed for details\.path"):
            Rest(connection).check(submitted(), connection)

    @pytest.mark.parametrize(
        ("said", "url"),
        [
            ("/files/7", "https://api.example.com/files/7"),
            ("https://api.example.com/other/7?x=1", "https://api.example.com/other/7?x=1"),
            (None, None),
            (False, None),
            ("", None),
            (["/files/7"], None),
        ],
    )
    def test_where_the_status_says_on_the_same_host(self, said: object, url: str | None) -> None:
        answer = answered({"status": "done", "errors_url": said}, described(WHERE_IT_SAYS))
        assert (answer.details, answer.doubts) == (url, ())

    @pytest.mark.parametrize(
        "said",
        [
            "https://evil.example.com/7",
            "http://api.example.com/7",
            "https://api.example.com:444/7",
            "https://api.example.com@evil.example.com/7",
            "//evil.example.com/7",
            "/../admin",
            "/files/%2e%2e/x",
            "files/7",
            "https://api.example.com/7#x",
            "https://api.example.com\\@evil.example.com/",
        ],
    )
    def test_nowhere_else_and_that_is_said(self, said: str) -> None:
        answer = answered({"status": "done", "errors_url": said}, described(WHERE_IT_SAYS))
        assert answer.details is None
        assert "beyond its status is not known" in answer.doubts[0]

    def test_the_call_has_the_connections_credentials(self) -> None:
        connection = described({**WHERE_IT_SAYS, "auth": {"type": "bearer", "token": "{secret.token}"}})
        end = answered({"status": "done", "errors_url": "/files/7"}, connection)
        request = Rest(connection).details_request(submitted(), connection, SECRET, end)
        assert request.url == "https://api.example.com/files/7"
        assert request.auth.headers == {"Authorization": "Bearer s3cret-token"}  # type: ignore[union-attr]

    def test_a_parameter_that_only_it_needs_is_asked_for_at_the_door(self) -> None:
        connection = described({"details": {"path": "/{parameters.space}/errors", "snapshot": ITEMS}})
        with pytest.raises(NotAskableError, match=r"parameters\.space"):
            Rest(connection).check(submitted(), connection)


class TestWhatItAdds:
    def test_items_and_counts(self) -> None:
        counts = {
            "details": {**AT_A_PATH["details"], "snapshot": {**ITEMS, "results": {"errors": "length(body.errors)"}}}
        }
        answer = second(counts, {"errors": [{"line": "17", "message": "no such product"}]})
        assert answer.items == (Item("17", error="no such product", failed=True),)
        assert answer.results == Results(errors=1)
        assert (answer.details, answer.doubts) == (None, ())

    @pytest.mark.parametrize("body", [{"errors": []}, {}, b"", b"  "])
    def test_nothing_where_there_is_nothing(self, body: Any) -> None:
        answer = second(AT_A_PATH, body)
        assert isinstance(answer, Snapshot)
        assert (answer.items, answer.doubts) == ((), ())

    @pytest.mark.parametrize("status_code", [404, 410])
    def test_an_unknown_address_is_no_unknown_job(self, status_code: int) -> None:
        assert isinstance(second(AT_A_PATH, {}, status_code), NotFound)

    @pytest.mark.parametrize(("status_code", "body"), [(500, {}), (200, b"<html>"), (200, b'{"err'), (302, b"")])
    def test_what_cannot_be_read_is_a_failure(self, status_code: int, body: Any) -> None:
        assert isinstance(second(AT_A_PATH, body, status_code), PollFailure)


class TestPolling:
    END = ended(details="https://api.example.com/v1/errors", results=Results())
    WHOLE = ended(items=(Item("17", error="no such product", failed=True),), results=Results())

    def test_an_end_is_asked_about_once_more_and_then_told(self) -> None:
        world = World(self.END, self.WHOLE)
        polled = world.poll()
        assert polled.step.next == "notify"
        assert (world.stored.outcome, world.stored.ended) == (Outcome.COMPLETED_WITH_ERRORS, None)
        assert world.vendor.ends == [self.END]
        assert world.timetables.known["egain-prod"].next_number == 2, "each request has a slot"

    def test_it_waits_for_its_slot_and_the_end_is_kept(self) -> None:
        world = World(self.END, self.WHOLE)
        reserve, slots = world.timetables.reserve, [0.0, 60.0]

        def later(connection: str, requests_per_minute: int, now: float) -> Slot:
            slot = reserve(connection, requests_per_minute, now)
            return Slot(slot.number, now + slots.pop(0)) if slots else slot

        world.timetables.reserve = later  # type: ignore[method-assign]
        polled = world.poll()
        assert polled.step.next == "wait"
        assert 55 <= polled.step.wait_seconds <= 61
        assert (world.stored.outcome, world.stored.ended) == (None, self.END)
        world.clock.advance(61)
        assert world.poll().step.next == "notify"
        assert [item.name for item in (world.stored.snapshot or self.END).items] == ["17"]
        assert len(world.vendor.asked) == 2

    def test_a_slot_too_far_away_holds_no_end_back(self) -> None:
        world = World(self.END)
        slots = [0.0, 900.0]

        def later(connection: str, requests_per_minute: int, now: float) -> Slot:
            return Slot(1, now + slots.pop(0))

        world.timetables.reserve = later  # type: ignore[method-assign]
        assert world.poll().step.next == "notify"
        assert world.stored.snapshot is not None
        assert "no request was free" in world.stored.snapshot.doubts[-1]

    @pytest.mark.parametrize(
        "failure", [PollFailure(FailureKind.VENDOR_ERROR, "HTTP 500: no"), NotFound("HTTP 404: no")]
    )
    def test_what_it_points_to_cannot_be_read_the_end_is_told_with_a_doubt(self, failure: Any) -> None:
        world = World(self.END, failure)
        assert world.poll().step.next == "notify"
        assert (world.stored.outcome, world.stored.due) == (Outcome.SUCCEEDED, (Notice.FINISHED,))
        assert world.stored.snapshot is not None
        assert failure.detail in world.stored.snapshot.doubts[-1]

    @pytest.mark.parametrize(("asked_for", "waits"), [(120.0, True), (LONGEST_RETRY_AFTER_SECONDS, False)])
    def test_the_vendor_asks_to_be_left_alone(self, asked_for: float, waits: bool) -> None:
        world = World(ended(details="https://x.example/errors", retry_after_seconds=asked_for), self.WHOLE)
        assert world.poll().step.next == ("wait" if waits else "notify")
        if waits:
            world.clock.advance(121)
            assert world.poll().step.next == "notify"
        assert world.stored.ended is None

    def test_its_secret_cannot_be_read_any_more(self) -> None:
        world = World(self.END)

        class NoSecret(FakeVendorStatus):
            def ask_details(self, *args: object, **named: object) -> Any:
                raise ServiceUnavailableError("Secrets Manager GetSecretValue: ThrottlingException")

        world.vendor = NoSecret([self.END])
        object.__setattr__(world.poller, "vendor_status", world.vendor)
        for _ in range(5):
            polled = world.poll()
            world.clock.advance(polled.step.wait_seconds + 1)
        assert world.poll().step.next == "notify"
        assert world.stored.outcome is Outcome.SUCCEEDED
        assert world.clock.now - world.stored.accepted_at < timedelta(minutes=10)

    def test_the_connection_is_removed_meanwhile(self) -> None:
        world = World(ended(details="https://x.example/errors", retry_after_seconds=60.0))
        world.poll()
        world.connections.by_name.clear()
        world.clock.advance(61)
        assert world.poll().step.next == "notify"
        assert world.stored.outcome is not Outcome.GAVE_UP
