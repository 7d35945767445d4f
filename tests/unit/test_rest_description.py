"""A described API: a wrong description is refused at the door."""

import json
import re
from pathlib import Path

import pytest

from jobwatch.domain.connection import ConnectionUnusableError, read_connection
from jobwatch.domain.submission import read_submission
from jobwatch.vendors.registry import VENDORS, vendor_of
from tests.unit.rest_examples import NOW, asked, described, submitted

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "events" / "connections").glob("*.json"))


class TestTheDoor:
    """A wrong description is refused with the connection, the place and the reason before anything is asked."""

    def test_a_description_without_the_vendor_and_the_other_way_round(self) -> None:
        with pytest.raises(ConnectionUnusableError, match="rest: describes an API"):
            described(vendor="egain")
        without = {"vendor": "rest", "base_url": "https://api.example.com", "secret": "jobwatch/x"}
        with pytest.raises(ConnectionUnusableError, match="rest: is missing"):
            read_connection("mine", without, "jobwatch/", frozenset({"rest"}))

    def test_a_graphql_query_is_text(self) -> None:
        query = "query($id: ID!) { node(id: $id) { ... on BulkOperation { status } } }"
        connection = described(
            {"request.method": "POST", "request.body": {"query": query, "variables": {"id": "{job_id}"}}}
        )
        assert asked(connection, submitted("gid://x/1")).json_body == {"query": query, "variables": {"id": "gid://x/1"}}


class TestExamples:
    """What people copy is accepted as it stands."""

    @pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
    def test_of_events(self, path: Path) -> None:
        connection = read_connection(path.stem, json.loads(path.read_text()), "jobwatch/", frozenset(VENDORS))
        assert connection.rest is not None
        job_id = f"{connection.base_url}/operations/7" if connection.rest.request.is_address else "7"
        vendor_of(connection).check(submitted(job_id), connection)

    def test_of_the_page(self) -> None:
        text = (ROOT / "docs" / "vendors" / "rest.md").read_text()
        blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
        documents = [block for block in blocks if "vendor" in block]
        connections = [read_connection("x", document, "jobwatch/", frozenset(VENDORS)) for document in documents]
        submissions = [read_submission(block, NOW) for block in blocks if "job_id" in block]
        assert (len(connections), len(submissions)) == (1, 1)
        vendor_of(connections[0]).check(submissions[0], connections[0])
        fragments = [block for block in blocks if "snapshot" in block]
        assert fragments
        for fragment in fragments:
            described({f"{part}.{name}": value for part in fragment for name, value in fragment[part].items()})

    def test_the_page_explains_every_field(self) -> None:
        schema = json.loads((ROOT / "layers/core/jobwatch/schemas/rest.json").read_text())["properties"]
        text = (ROOT / "docs" / "vendors" / "rest.md").read_text()
        names = [*schema, *schema["snapshot"]["properties"], *schema["outcomes"]["properties"]]
        assert [name for name in names if not re.search(rf"\b{name}\b", text)] == []
