"""jobwatch on the embedded stack beside the sandbox's eGain, as two benchmarks need it."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console

from sandbox.server import Sandbox
from stack.deployment import Deployment, build, deploy
from stack.ministack import MiniStack


@contextlib.contextmanager
def standing(
    name: str, *, speed: float, polling: Mapping[str, int], console: Console
) -> Iterator[tuple[Sandbox, Deployment]]:
    """The sandbox and the stack `name`, with the connection `egain-prod`. `speed`: script seconds a second."""
    with contextlib.ExitStack() as parts:
        sandbox = parts.enter_context(Sandbox(speed=speed))
        aws = parts.enter_context(MiniStack(auth=False))
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory(prefix=f"{name}-")))
        with console.status("sam build and sam deploy"):
            build(aws, folder)
            stack = deploy(aws, folder, name, {})
        connection = {"vendor": "egain", "base_url": sandbox.egain.url, "secret": "jobwatch/egain-prod"}
        stack.configure("egain-prod", {**connection, "polling": polling}, sandbox.egain.secret)
        yield sandbox, stack
