"""What expressions may cost: at the door, and on an answer, whatever both are."""

import tracemalloc
from functools import partial
from typing import Any

import pytest

from jobwatch.domain import evaluation
from jobwatch.domain.connection import ConnectionUnusableError
from jobwatch.domain.doubts import doubts
from jobwatch.domain.evaluation import Budget, TooCostlyError
from jobwatch.domain.expression import ExpressionError, read_expression
from jobwatch.domain.snapshot import FailureKind, PollFailure, Snapshot
from jobwatch.domain.words import Outcome
from tests.unit.rest_examples import answered, described, submitted

MULTIPLYING = [
    "body" + "|[@,@][]" * 200,
    "body" + "|[@,@][]" * 30,
    "body.a" + "|[@,@]" * 60,
    "to_string(body.a" + "|[@,@]" * 60 + ")",
    "body.a[]" + "|[@,@][]" * 25,
    "'x'" + "|join('', [@,@,@,@,@,@,@,@])" * 20,
    "body.a" + "|{a: @, b: @}" * 60,
    "body.a" + "|[@,@,@,@,@,@,@,@,@,@][].[@,@,@,@,@,@,@,@,@,@][]" * 6,
]
USUAL = [
    "body.status",
    "body.items[?state == 'failed' && retries > `3`].{name: name, state: state, error: error.message}",
    "find(body.jobs, 'id', watch.job_id).state || 'running'",
    "length(body.results[?!(ok)])",
    "body.a || body.b || body.c || (body.d && body.e)",
    "join('; ', body.errors[].message)",
    "body.files[].rows[].errors[].{name: id, error: join(', ', reasons[])}",
    "sum(body.parts[].count)",
    " || ".join(f"body.a{number} && '{number}'" for number in range(90)),
]


@pytest.mark.parametrize("text", MULTIPLYING, ids=lambda text: text[:30])
def test_one_whose_work_multiplies_is_refused_at_the_door_with_its_place(text: str) -> None:
    with pytest.raises(ExpressionError, match="multiply"):
        read_expression(text)
    with pytest.raises(ConnectionUnusableError, match=r"rest\.snapshot\.error: .*multiply"):
        described({"snapshot.error": text})


@pytest.mark.parametrize("text", USUAL, ids=lambda text: text[:30])
def test_a_usual_one_is_taken(text: str) -> None:
    read_expression(text)


def test_on_an_answer_it_stops_when_its_budget_is_spent() -> None:
    expression = read_expression("body[].[@,@,@,@,@,@,@,@,@,@][]")
    context: dict[str, Any] = {"body": [{}] * 10_000}
    with pytest.raises(TooCostlyError):
        expression.value(context, Budget(10_000))


def test_what_it_makes_until_then_is_little() -> None:
    expression = read_expression("body[].[@,@,@,@,@,@,@,@,@,@][].[@,@,@,@,@,@,@,@,@,@][]")
    context: dict[str, Any] = {"body": [{}] * 10_000}
    tracemalloc.start()
    with pytest.raises(TooCostlyError):
        expression.value(context, Budget(100_000))
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 16 * 2**20


class TestAnAnswerThatCostsTooMuch:
    @pytest.fixture
    def small_budget(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(evaluation, "Budget", partial(Budget, 50_000))

    def answer(self, count: int, **places: str) -> Snapshot | PollFailure:
        body: dict[str, Any] = {"status": "done", "errors": 3, "f": [{"a": list(range(9))}] * count}
        answer = answered(body, described({f"snapshot.{place}": text for place, text in places.items()}))
        assert isinstance(answer, Snapshot | PollFailure)
        return answer

    # A thousand entries for each that there is.
    SQUARE = "map(&length(a), body.f[].[@,@,@,@,@,@,@,@,@,@][].[@,@,@,@,@,@,@,@,@,@][].[@,@,@,@,@,@,@,@,@,@][])"

    @pytest.mark.usefixtures("small_budget")
    def test_by_a_list_still_ends_the_job_and_says_what_was_not_read(self) -> None:
        answer = self.answer(200, messages=self.SQUARE)
        assert isinstance(answer, Snapshot)
        assert answer.verdict is Outcome.SUCCEEDED
        assert any("snapshot.messages takes more work" in doubt for doubt in doubts(submitted(), answer))

    @pytest.mark.usefixtures("small_budget")
    def test_by_its_state_is_a_failed_poll_that_says_so(self) -> None:
        answer = self.answer(200, state=f"length({self.SQUARE}) && body.status")
        assert isinstance(answer, PollFailure)
        assert answer.kind is FailureKind.UNREADABLE
        assert "snapshot.state takes more work" in answer.detail

    def test_is_not_one_of_twenty_thousand_files_that_ten_expressions_go_through(self) -> None:
        files = [{"n": str(number), "s": "ok", "e": None} for number in range(20_000)]
        places = {f"snapshot.results.{name}": f"length(body.f[?s == '{name}'])" for name in ("errors", "warnings")}
        places |= {
            "snapshot.results.successful": "length(body.f[?s == 'ok'])",
            "snapshot.progress.total": "length(body.f)",
        }
        places |= {"snapshot.items": "body.f[].{name: n, state: s, error: e}", "snapshot.error": "body.f[?e].e | [0]"}
        answer = answered({"status": "done", "f": files}, described(places))
        assert isinstance(answer, Snapshot)
        assert (answer.results.successful, len(answer.items), answer.doubts) == (20_000, 50, ())


@pytest.mark.parametrize("body", [b"[" + b"{}," * 1_300_000 + b"{}]", b"[" + b"0," * 2_000_000 + b"0]"])
def test_a_body_of_too_many_values_is_told_as_that_with_how_to_ask_for_less(body: bytes) -> None:
    answer = answered(body)
    assert isinstance(answer, PollFailure)
    assert answer.kind is FailureKind.UNREADABLE
    assert "more than 500,000 values" in answer.detail
    assert "rest.request" in answer.detail
