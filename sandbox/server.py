"""All servers of the sandbox at once.

    with Sandbox() as sandbox:
        job = sandbox.egain.jobs.add(scripts.good_import())
        sandbox.egain.faults.set(misbehaviour.html(502, times=3))
        ...
        assert not sandbox.stranger.requests

Each server has a port of its own on 127.0.0.1 that the system chooses, and is reached by its attribute.
"""

from types import TracebackType
from typing import Self

from sandbox.document360 import Document360
from sandbox.egain import Egain
from sandbox.generic import AzureOpenAI, GitHub, Salesforce, Zendesk
from sandbox.inbox import Inbox
from sandbox.jobs import Clock, WallClock
from sandbox.serving import SeenRequest, Server
from sandbox.slack import Slack
from sandbox.zilliz import Milvus, ZillizCloud


class Stranger(Server):
    """A host that nobody has business with: the target of redirects. It answers 200 to anything."""

    name = "stranger"

    def __init__(self, clock: Clock, seed: int = 0) -> None:
        super().__init__(clock, seed)
        methods = ["GET", "POST", "PUT", "DELETE"]
        self.app.add_url_rule("/", view_func=self._anything, defaults={"path": ""}, methods=methods)
        self.app.add_url_rule("/<path:path>", view_func=self._anything, methods=methods)

    def _anything(self, path: str) -> dict[str, str]:
        return {"status": "Successful", "path": path}


class Sandbox:
    """Starts every server on entering and stops it on leaving; `speed` and `clock` as in `sandbox.jobs`."""

    def __init__(self, *, speed: float = 1.0, clock: Clock | None = None, seed: int = 0) -> None:
        self.clock = clock or WallClock()
        self.egain = Egain(self.clock, speed, seed)
        self.document360 = Document360(self.clock, speed, seed)
        self.zilliz = ZillizCloud(self.clock, speed, seed)
        # Both number their jobs by the seed: another one, or two jobs would have the same id.
        self.milvus = Milvus(self.clock, speed, seed + 1)
        self.github = GitHub(self.clock, speed, seed)
        self.zendesk = Zendesk(self.clock, speed, seed)
        self.salesforce = Salesforce(self.clock, speed, seed)
        self.azure = AzureOpenAI(self.clock, speed, seed)
        self.slack = Slack(self.clock, seed)
        self.inbox = Inbox(self.clock, seed)
        self.stranger = Stranger(self.clock, seed)
        self.servers: tuple[Server, ...] = (
            *(self.egain, self.document360, self.zilliz, self.milvus),
            *(self.github, self.zendesk, self.salesforce, self.azure),
            *(self.slack, self.inbox, self.stranger),
        )

    def start(self) -> Self:
        """Open every port; the addresses are known from here on."""
        for server in self.servers:
            server.start()
        return self

    def stop(self) -> None:
        """Close every port and connection."""
        for server in self.servers:
            server.stop()

    @property
    def urls(self) -> dict[str, str]:
        """The base address of each server by its name."""
        return {server.name: server.url for server in self.servers}

    def requests_with(self, text: str) -> list[SeenRequest]:
        """Every request, to whichever server, that carries the text: a secret, a token, a job id."""
        return [request for server in self.servers for request in server.requests if request.contains(text)]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
