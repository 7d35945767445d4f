"""The sandbox's APIs as the adapters reach them."""

from dataclasses import dataclass, replace

from jobwatch.domain.connection import Connection
from jobwatch.domain.snapshot import Answer, PollFailure, Snapshot, TokenRefused
from jobwatch.domain.submission import Submission
from jobwatch.domain.words import Operation
from jobwatch.http.asking import VendorApis
from sandbox.document360 import Document360
from sandbox.egain import Egain
from sandbox.jobs import HandClock, Job, Script
from sandbox.misbehaviour import Fault
from sandbox.server import Sandbox
from sandbox.zilliz import Milvus, ZillizCloud
from tests.vendors.held_secrets import HeldSecrets

VendorServer = Egain | Document360 | ZillizCloud | Milvus

# A second is enough for an answer from this machine, and makes a hanging one cheap.
SENDS_WITHIN_SECONDS = 2.0


@dataclass
class Api:
    """One of the sandbox's APIs, with a connection that reaches it."""

    sandbox: Sandbox
    clock: HandClock
    server: VendorServer
    connection: Connection
    operation: Operation
    secrets: HeldSecrets
    apis: VendorApis

    def start(self, script: Script, *quirks: str) -> Job:
        return self.server.jobs.add(script, operation=self.operation.value, quirks=quirks)

    def ask(self, job_id: str) -> Answer:
        """As a poll asks: once more with a fresh token where one was refused."""
        answer = self.apis.ask(self.submission(job_id), self.connection)
        if isinstance(answer, TokenRefused):
            answer = self.apis.ask(self.submission(job_id), self.connection, fresh_token=True)
        return answer

    def misbehave(self, fault: Fault) -> None:
        """Let the status call meet a fault, and the token endpoint stay as it is."""
        path = "/export/" if self.operation is Operation.EXPORT else "/import/"
        self.server.faults.set(replace(fault, matching=path.lower()))

    def submission(self, job_id: str) -> Submission:
        return Submission("test", job_id, self.operation, self.clock.now())


# Server, vendor, operation, parameters of the connection.
APIS: dict[str, tuple[str, str, Operation, dict[str, str]]] = {
    "egain import": ("egain", "egain", Operation.IMPORT, {}),
    "egain validation": ("egain", "egain", Operation.VALIDATION, {}),
    "egain export": ("egain", "egain", Operation.EXPORT, {}),
    "document360": ("document360", "document360", Operation.IMPORT, {}),
    "zilliz": ("zilliz", "zilliz", Operation.IMPORT, {"clusterId": ZillizCloud.cluster_id}),
    "milvus": ("milvus", "zilliz", Operation.IMPORT, {"flavour": "milvus"}),
}


def snapshot(answer: Answer) -> Snapshot:
    assert isinstance(answer, Snapshot), answer
    return answer


def failure(answer: Answer) -> PollFailure:
    assert isinstance(answer, PollFailure), answer
    return answer
