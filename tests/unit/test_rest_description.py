"""A described API: a wrong description is refused at the door."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from jobwatch.domain.connection import ConnectionUnusableError, read_connection
from jobwatch.domain.submission import read_submission
from jobwatch.vendors.registry import VENDORS, vendor_of
from tests.unit.rest_examples import NOW, asked, described, submitted

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "events" / "connections").glob("*.json"))


class TestTheDoor:
    """A wrong description is refused with the connection, the place and the reason before anything is asked."""

    @pytest.mark.parametrize(
        ("changes", "place", "reason"),
        [
            ({"request.path": "jobs/{job_id}"}, "rest.request.path", "pattern"),
            ({"request.path": "/jobs/{jobid}"}, "rest.request.path", "{jobid} is no variable"),
            ({"request.path": "/jobs/{ job_id }"}, "rest.request.path", "without blanks"),
            ({"request.path": "/jobs?id={job_id}"}, "rest.request.path", "'?' cannot stand"),
            ({"request.path": "/jobs/{job_id}#x"}, "rest.request.path", "'#' cannot stand"),
            ({"request.path": "/a b"}, "rest.request.path", "' ' cannot stand"),
            ({"request.path": "/jobs/../{job_id}"}, "rest.request.path", "'..'"),
            ({"request.path": "/jobs/%2e%2E/{job_id}"}, "rest.request.path", "'..'"),
            ({"request.path": "/{secret.token}/{job_id}"}, "rest.request.path", "secret must not stand in an address"),
            ({"request.method": "DELETE"}, "rest.request.method", "GET"),
            ({"request.body": {"id": "{job_id}"}}, "rest.request.body", "GET carries no body"),
            (
                {"request.headers": {"Host": "evil.example.com"}},
                "rest.request.headers.Host",
                "no header that can be set",
            ),
            ({"request.headers": {"X-A": "a\r\nX-B: b"}}, "rest.request.headers.X-A", "no header can carry"),
            ({"request.headers": {"X A": "a"}}, "rest.request.headers.X A", "no header that can be set"),
            ({"request.query": {"id": "{job_id:number}"}}, "rest.request.query.id", "write {job_id}"),
            ({"request.quary": {}}, "rest.request.quary", "is query meant?"),
            ({"auth": {"type": "magic"}}, "rest.auth.type", "bearer"),
            ({"auth": {"type": "bearer"}}, "rest.auth.token", "is missing"),
            ({"auth": {"type": "bearer", "token": "{secret.token}", "scope": "x"}}, "rest.auth.scope", "no such field"),
            ({"auth": {"type": "bearer", "token": "{parameters.token}"}}, "rest.auth.token", "only {secret.NAME}"),
            (
                {"auth": {"type": "oauth2", "token_url": "http://x.example", "client_id": "a", "client_secret": "b"}},
                "rest.auth.token_url",
                "https",
            ),
            ({"snapshot.state": "body.status ~"}, "rest.snapshot.state", "Unknown token"),
            ({"snapshot.state": "body.status )"}, "rest.snapshot.state", "column 12"),
            ({"snapshot.state": "body.status ||"}, "rest.snapshot.state", "ncomplete"),
            ({"snapshot.state": "'open"}, "rest.snapshot.state", "Unclosed"),
            ({"snapshot.state": "status"}, "rest.snapshot.state", "'status' is none of status_code, headers, body"),
            ({"snapshot.error": "lenght(body.errors)"}, "rest.snapshot.error", "no function lenght()"),
            ({"snapshot.error": "length(body.a, body.b)"}, "rest.snapshot.error", "takes 1 arguments, not 2"),
            ({"snapshot.retryable": "body.x == true"}, "rest.snapshot.retryable", "write `true`"),
            ({"snapshot.items": "body.files[?ok == false]"}, "rest.snapshot.items", "write `false`"),
            ({"snapshot.failure": "!body.ok && body.error"}, "rest.snapshot.failure", "write !(a.b)"),
            ({"snapshot.progress.percent": "body.p"}, "rest.snapshot.progress.percent", "is percentage meant?"),
            ({"snapshot.error": "(" * 900 + "body" + ")" * 900}, "rest.snapshot.error", "too deeply"),
            ({"outcomes.finished": ["x"]}, "rest.outcomes.finished", "there are scheduled, running"),
            ({"outcomes.failed": ["Done"]}, "rest.outcomes.failed", "'Done' stands under succeeded too"),
            ({"outcomes.failed": [None]}, "rest.outcomes.failed[0]", "string"),
            ({"outcomes.failed": [" "]}, "rest.outcomes.failed", "empty text is no state"),
            ({"outcomes": {"failed": ["x"]}}, "rest.outcomes.succeeded", "is missing"),
            ({"failures.oops": [1]}, "rest.failures.oops", "there are not_found"),
            ({"status_codes": [401]}, "rest.status_codes[0]", "NOT match"),
            ({"operations": ["sync"]}, "rest.operations[0]", "import"),
            ({"request.path": "/jobs/latest"}, "rest.request.path", "every job would be told the same one's fate"),
            ({"snapshot.state": "`done`"}, "rest.snapshot.state", "looks at nothing of the answer"),
            ({"snapshot.state": "watch.job_id"}, "rest.snapshot.state", "looks at nothing of the answer"),
            ({"snapshot.state": "body.jobs[].status"}, "rest.snapshot.state", "a state is one word"),
            ({"snapshot.state": 'headers."X-State"'}, "rest.snapshot.state", "small letters"),
            ({"snapshot.state": "body.ok && 'ready' || 'open'"}, "rest.outcomes.succeeded", "can never come"),
            ({"snapshot.results.errors": "`0`"}, "rest.snapshot.results.errors", "the same of every job"),
            ({"snapshot.error": "find(body.x, 'id', watch.jobid)"}, "rest.snapshot.error", "a watch has job_id"),
            ({"snapshot.items": 'body.f[?s == "bad"]'}, "rest.snapshot.items", "single quotes"),
            ({"snapshot.error": "body.f[?id == watch.job_id] | [0]"}, "rest.snapshot.error", "write find("),
            ({"auth": {"type": "header", "name": "X-Key", "value": "k-1"}}, "rest.auth.value", "lies open"),
            ({"request.headers": {"Accept": "a", "accept": "b"}}, "rest.request.headers.accept", "the same header"),
            ({"request.headers": {"Authorization": "Basic eA=="}}, "rest.request.headers.Authorization", "lies open"),
            ({"failures": {"not_found": ["X"]}}, "rest.failures", "no snapshot.failure"),
            ({"outcomes.succeeded": []}, "rest.outcomes.succeeded", "at least 1"),
        ],
    )
    def test_says_place_and_reason(self, changes: dict[str, Any], place: str, reason: str) -> None:
        with pytest.raises(ConnectionUnusableError) as refused:
            described(changes)
        assert str(refused.value).startswith(f"connection mine: {place}: ")
        assert reason in str(refused.value)
        assert "\n" not in str(refused.value)

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
