"""Document360, Zilliz, Milvus and the generic APIs, each in its own words."""

from typing import Any

import pytest
import requests

from sandbox import scripts, zilliz
from sandbox.document360 import PATH, Quirk
from sandbox.generic import AzureOpenAI, GitHub, Salesforce, Zendesk
from sandbox.jobs import HandClock
from sandbox.server import Sandbox


class TestDocument360:
    def get(self, sandbox: Sandbox, job_id: str, token: str = "") -> requests.Response:
        server = sandbox.document360
        held = {"api_token": token or server.api_token}
        return requests.get(f"{server.url}{PATH}/{job_id}", headers=held, timeout=5)

    def test_the_life_of_an_import(self, sandbox: Sandbox, clock: HandClock) -> None:
        sandbox.document360.jobs.on_submit = scripts.scheduled(60, 1000)
        held = {"api_token": sandbox.document360.api_token}
        body = {"source_documentation_url": "https://example.com/x.zip", "publish_article": False, "import_by": "a"}
        submitted = requests.post(f"{sandbox.document360.url}{PATH}", json=body, headers=held, timeout=5)
        assert (submitted.status_code, submitted.json()["status"]) == (200, "Queued")
        seen = []
        for _ in range(3):
            answer = self.get(sandbox, submitted.json()["id"]).json()
            seen.append((answer["status"], (answer["import_documentation_log"] or {}).get("articles")))
            clock.advance(560)
        assert seen == [("Queued", None), ("InProgress", 2500), ("Completed", 5000)]

    def test_messages_and_errors(self, sandbox: Sandbox, clock: HandClock) -> None:
        warned = sandbox.document360.jobs.add(scripts.import_with_errors(100))
        failed = sandbox.document360.jobs.add(scripts.failed_for_good(100))
        clock.advance(100)
        log = self.get(sandbox, warned.id).json()["import_documentation_log"]
        assert [m["message_type"] for m in log["messages"]] == [0, 1]
        answer = self.get(sandbox, failed.id).json()
        assert (answer["status"], answer["success"]) == ("Error", False)
        assert answer["errors"][0]["description"] == "Access to the data source was denied"

    def test_the_contradictions_of_its_document(self, sandbox: Sandbox, clock: HandClock) -> None:
        job = sandbox.document360.jobs.add(scripts.good_import(10), quirks=[Quirk.IMPORT_LOG_NOT_FOUND])
        clock.advance(10)
        answer = self.get(sandbox, job.id)
        assert (answer.status_code, answer.json()["status"], answer.json()["success"]) == (200, "Completed", False)
        assert answer.json()["errors"][0]["description"] == "Element 'ImportLog' not found."
        lost = self.get(sandbox, "nope")
        assert (lost.status_code, lost.json()["success"]) == (400, True)
        assert lost.json()["errors"][0] == {
            "extension_data": None,
            "stack_trace": None,
            "description": "Invalid import id",
            "error_code": "400",
            "custom_data": None,
        }

    def test_sixty_requests_a_minute(self, sandbox: Sandbox, clock: HandClock) -> None:
        job = sandbox.document360.jobs.add(scripts.good_import())
        clock.advance(18)
        first = self.get(sandbox, job.id)
        assert first.headers["X-RateLimit-Remaining"] == "59"
        assert "X-RateLimit-Limit" not in first.headers
        last = [self.get(sandbox, job.id) for _ in range(60)][-1]
        assert last.status_code == 429
        assert (last.headers["X-RateLimit-Limit"], last.headers["X-RateLimit-Reset"]) == ("60", "42")
        assert "Retry-After" not in last.headers
        clock.advance(42)
        assert self.get(sandbox, job.id).status_code == 200

    def test_tokens(self, sandbox: Sandbox) -> None:
        job = sandbox.document360.jobs.add(scripts.good_import())
        wrong = self.get(sandbox, job.id, "x")
        assert (wrong.status_code, wrong.headers["Content-Type"].split(";")[0]) == (401, "text/plain")
        reading = sandbox.document360.read_only_token
        assert self.get(sandbox, job.id, reading).status_code == 200
        hyphen = requests.get(f"{sandbox.document360.url}{PATH}/{job.id}", headers={"api-token": reading}, timeout=5)
        assert hyphen.status_code == 401
        posted = requests.post(sandbox.document360.url + PATH, json={}, headers={"api_token": reading}, timeout=5)
        assert posted.status_code == 403


def call(server: zilliz.ZillizCloud | zilliz.Milvus, path: str, key: str = "", **body: Any) -> requests.Response:
    held = {"Authorization": f"Bearer {key or server.api_key}"}
    return requests.post(f"{server.url}{zilliz.BASE}/{path}", json=body, headers=held, timeout=5)


class TestZilliz:
    @pytest.mark.parametrize("path", ["getProgress", "get_progress", "describe"])
    def test_a_finished_import_by_every_spelling(self, sandbox: Sandbox, clock: HandClock, path: str) -> None:
        job = sandbox.zilliz.jobs.add(scripts.good_import(100, 100_000))
        clock.advance(100)
        answer = call(sandbox.zilliz, path, clusterId=sandbox.zilliz.cluster_id, jobId=job.id).json()
        assert answer["code"] == 0
        data = answer["data"]
        assert (data["jobId"], data["state"], data["progress"]) == (job.id, "Completed", 100)
        assert (data["completeTime"], data["totalRows"]) == ("2024-03-01T10:01:40Z", 100_000)
        assert data["details"][0]["state"] == "Completed"
        assert len(job.id) == 18
        assert job.id.isdigit()

    def test_errors_come_with_http_200(self, sandbox: Sandbox) -> None:
        cluster = sandbox.zilliz.cluster_id
        illegal = call(sandbox.zilliz, "describe", "x", clusterId=cluster, jobId="1")
        assert (illegal.status_code, illegal.json()) == (200, {"code": "0", "message": "The token is illegal."})
        assert call(sandbox.zilliz, "describe", clusterId=cluster, jobId="1").json()["code"] == 96026
        assert call(sandbox.zilliz, "describe", clusterId="x", jobId="1").json()["code"] == 96018

    def test_files_one_after_the_other_and_progress_zero_on_failure(self, sandbox: Sandbox, clock: HandClock) -> None:
        job = sandbox.zilliz.jobs.add(scripts.import_with_errors(300))
        failed = sandbox.zilliz.jobs.add(scripts.failed_retryable(150))
        clock.advance(150)

        def data(job_id: str) -> Any:
            return call(sandbox.zilliz, "describe", clusterId=sandbox.zilliz.cluster_id, jobId=job_id).json()["data"]

        assert [f["state"] for f in data(job.id)["details"]] == ["Completed", "Importing", "Pending"]
        assert data(job.id)["completeTime"] == ""
        assert (data(failed.id)["state"], data(failed.id)["progress"]) == ("Failed", 0)
        assert data(failed.id)["reason"].startswith("Database connection timeout")

    @pytest.mark.parametrize(
        ("quirk", "seconds", "expected"),
        [
            (zilliz.Quirk.CODE_200, 50, {"code": 200}),
            (zilliz.Quirk.CODE_STRING, 50, {"code": "0"}),
            (zilliz.Quirk.NEGATIVE, 50, {"progress": -1}),
            (zilliz.Quirk.STAYS_AT_80, 100, {"progress": 80, "state": "Importing"}),
            (zilliz.Quirk.COMMITTING, 85, {"state": "Uncommitted"}),
            (zilliz.Quirk.COMMITTING, 95, {"state": "Committing"}),
            (zilliz.Quirk.COMMITTING, 100, {"state": "Completed"}),
            (zilliz.Quirk.NO_DETAILS, 50, {"details": []}),
            (zilliz.Quirk.NO_REASON, 50, {"reason": None}),
        ],
    )
    def test_quirks(
        self, sandbox: Sandbox, clock: HandClock, quirk: zilliz.Quirk, seconds: int, expected: dict[str, Any]
    ) -> None:
        job = sandbox.zilliz.jobs.add(scripts.good_import(100), quirks=[quirk])
        clock.advance(seconds)
        answer = call(sandbox.zilliz, "describe", clusterId=sandbox.zilliz.cluster_id, jobId=job.id).json()
        flat = {"code": answer["code"], **answer["data"]}
        assert {name: flat.get(name) for name in expected} == expected


class TestMilvus:
    def test_what_it_refuses(self, sandbox: Sandbox) -> None:
        job = sandbox.milvus.jobs.add(scripts.good_import())
        assert call(sandbox.milvus, "describe", jobId=job.id).json()["data"]["state"] == "Importing"
        assert call(sandbox.milvus, "describe", jobId=int(job.id)).json()["code"] == 1801
        assert call(sandbox.milvus, "describe").json()["code"] == 1802
        assert call(sandbox.milvus, "describe", jobId="job-1").json()["code"] == 2100
        wrong = call(sandbox.milvus, "describe", "x", jobId=job.id)
        assert (wrong.status_code, wrong.json()["code"]) == (401, 1800)
        assert call(sandbox.milvus, "getProgress", jobId=job.id).status_code == 404
        sandbox.milvus.faults.set(zilliz.limited())
        assert call(sandbox.milvus, "describe", jobId=job.id).json()["code"] == 1807

    def test_an_unknown_job_looks_failed(self, sandbox: Sandbox) -> None:
        answer = call(sandbox.milvus, "get_progress", jobId="448761313698322011")
        assert (answer.status_code, answer.json()["code"]) == (200, 0)
        data = answer.json()["data"]
        assert data["state"] == "Failed"
        assert data["reason"] == "import job does not exist, jobID=448761313698322011"


Generic = GitHub | Zendesk | Salesforce | AzureOpenAI


def opened(server: Generic) -> dict[str, Any]:
    """How a client opens each API, as keyword arguments of requests."""
    secret = server.secret
    if isinstance(server, GitHub):
        return {"headers": {"Authorization": f"Bearer {secret['token']}"}}
    if isinstance(server, Zendesk):
        return {"auth": (secret["user"], secret["password"])}
    if isinstance(server, AzureOpenAI):
        return {"headers": {"api-key": secret["api_key"]}}
    form = {"grant_type": "client_credentials", **secret}
    token = requests.post(form.pop("token_url"), data=form, timeout=5).json()
    assert "expires_in" not in token
    return {"headers": {"Authorization": f"{token['token_type']} {token['access_token']}"}}


WORDS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "github": ("", {"status": "in_progress", "conclusion": None}, {"status": "completed", "conclusion": "success"}),
    "zendesk": ("job_status", {"status": "working", "progress": 2500}, {"status": "completed", "progress": 5000}),
    "salesforce": (
        "",
        {"state": "InProgress", "numberRecordsProcessed": 2500},
        {"state": "JobComplete", "numberRecordsFailed": 5, "systemModstamp": "2024-03-01T10:16:40.000+0000"},
    ),
    "azure": (
        "",
        {"status": "in_progress", "completed_at": None},
        {"status": "completed", "completed_at": 1709288200, "in_progress_at": 1709287200},
    ),
}


@pytest.mark.parametrize("name", WORDS)
class TestGeneric:
    def test_in_its_own_words(self, sandbox: Sandbox, clock: HandClock, name: str) -> None:
        server: Generic = getattr(sandbox, name)
        job = server.jobs.add(scripts.import_with_errors(1000))
        url = server.url + server.status_path.format(job_id=job.id)
        place, running, ended = WORDS[name]
        for wait_seconds, expected in ((500, running), (500, ended)):
            clock.advance(wait_seconds)
            answer = requests.get(url, timeout=5, **opened(server)).json()
            body = answer[place] if place else answer
            assert {field: body[field] for field in expected} == expected

    def test_refused_without_its_key_and_for_an_unknown_job(self, sandbox: Sandbox, name: str) -> None:
        server: Generic = getattr(sandbox, name)
        url = server.url + server.status_path.format(job_id="1")
        assert requests.get(url, timeout=5).status_code == 401
        assert requests.get(url, timeout=5, **opened(server)).status_code == 404

    @pytest.mark.parametrize("story", ["failed", "cancelled", "scheduled", "stuck"])
    def test_every_state_has_a_word(self, sandbox: Sandbox, clock: HandClock, name: str, story: str) -> None:
        server: Generic = getattr(sandbox, name)
        good = server.jobs.add(scripts.good_import(1))
        job = server.jobs.add(scripts.BY_NAME[story]())
        clock.advance(3600)
        answers = [
            requests.get(server.url + server.status_path.format(job_id=j.id), timeout=5, **opened(server))
            for j in (good, job)
        ]
        words = []
        for answer in answers:
            body = answer.json().get("job_status", answer.json())
            words.append((body.get("state"), body.get("status"), body.get("conclusion")))
        assert words[0] != words[1]
