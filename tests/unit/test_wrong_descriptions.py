"""Wrong descriptions, and what their author is told of each: `wrong_descriptions.json` beside this file.

`changes` are made to the small description of `rest_examples`. `told` is `stored` where it is refused as soon as it is
stored or a job is submitted; `checked` where only an answer shows it, so that `jobwatch connection check` tells.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jobwatch.domain.connection import ConnectionUnusableError
from jobwatch.domain.exchange import Response
from jobwatch_cli.checking import Question, check_answer
from jobwatch_cli.finding import Mark
from tests.unit.rest_examples import described

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)
CASES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_suffix(".json").with_stem("wrong_descriptions").read_text()
)


def of(told: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "case", [pytest.param(each, id=each["wrong"]) for each in CASES if each["told"] == told]
    )


def test_each_kind_stands_once() -> None:
    assert len({case["wrong"] for case in CASES}) == len(CASES) >= 60


@of("stored")
def test_is_refused_with_its_place_and_reason(case: dict[str, Any]) -> None:
    with pytest.raises(ConnectionUnusableError) as refused:
        described(case["changes"])
    assert str(refused.value).startswith(f"connection mine: {case['place']}: ")
    assert case["reason"] in str(refused.value)
    assert "\n" not in str(refused.value)


@of("checked")
def test_is_told_by_the_check(case: dict[str, Any]) -> None:
    connection = described(case["changes"])
    response = Response(200, {}, json.dumps(case["answer"]).encode(), NOW)
    question = Question("mine", None, "7", {}, NOW)
    told = [found.text for found in check_answer(question, connection, response) if found.mark is not Mark.GOOD]
    assert any(case["reason"] in text for text in told), told


def test_brackets_without_end() -> None:
    with pytest.raises(ConnectionUnusableError, match=r"rest\.snapshot\.error: .*too deeply"):
        described({"snapshot.error": "(" * 900 + "body" + ")" * 900})
