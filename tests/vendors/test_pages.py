"""The pages for people: what they tell to copy is accepted as it stands."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from jobwatch.domain.connection import read_connection
from jobwatch.domain.submission import read_submission
from jobwatch.vendors.registry import VENDORS, vendor_of
from tests.vendors.recordings import RECEIVED_AT, load_profiles

PAGES = Path(__file__).parents[2] / "docs" / "vendors"


def blocks(page: str) -> list[dict[str, Any]]:
    text = (PAGES / f"{page}.md").read_text()
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]


@pytest.mark.parametrize("page", ["egain", "document360", "zilliz"])
def test_a_page_shows_a_connection_and_a_submission_that_are_accepted(page: str) -> None:
    connections = [
        read_connection("test", block, "jobwatch/", frozenset(VENDORS)) for block in blocks(page) if "vendor" in block
    ]
    submissions = [read_submission(block, RECEIVED_AT) for block in blocks(page) if "connection" in block]
    assert connections
    assert submissions
    assert {connection.vendor for connection in connections} == {page}
    for connection in connections:
        for submission in submissions:
            assert submission.operation in vendor_of(connection).operations
            vendor_of(connection).check(submission, connection)


@pytest.mark.parametrize("page", ["egain", "document360", "zilliz"])
def test_a_page_names_every_field_of_the_secret_and_every_word_that_ends_a_job(page: str) -> None:
    text = (PAGES / f"{page}.md").read_text()
    for profile in load_profiles():
        if profile.vendor_name == page:
            assert all(f'"{field}"' in text for field in profile.secret)
            assert all(word.capitalize() in text for word in profile.ending_words)
