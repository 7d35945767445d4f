"""What a cold start costs: imports and sizes of the functions, and how soon the poller has written.

    python -m benchmarks.cold [--runs N]

Builds the layer as `sam build` does (pip fetches the wheels), puts it before a copy of boto3 as Lambda does, compiles
both, and starts a fresh interpreter for each figure. The poller's first write (its slot on the timetable) is compared
with what a plain handler does: import boto3, requests and Logger, make one client, put one item. Both talk to the same
server on this machine, which answers at once.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path
from statistics import median
from typing import Any, Final

import yaml
from boto3.dynamodb.types import TypeSerializer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from jobwatch.domain.submission import Submission
from jobwatch.domain.timetable import Timetable, spacing_ms
from jobwatch.domain.watch import Watch
from jobwatch.domain.watch_record import write_record
from jobwatch.domain.words import Operation

ROOT: Final = Path(__file__).resolve().parent.parent
WANTED_RATIO: Final = 0.75
RUNTIME_DISTRIBUTIONS: Final = ("boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six", "urllib3")
"""What Lambda's runtime brings; a layer's own packages come before these."""

IMPORT: Final = """
import time
began = time.monotonic()
import app
print((time.monotonic() - began) * 1000)
"""
POLL: Final = """
import time
began = time.monotonic()
import app
class Context:
    function_name = aws_request_id = invoked_function_arn = memory_limit_in_mb = "1"
app.handler({"watch_id": "w", "generation": 1}, Context())
print(began)
"""
PLAIN: Final = """
import time
began = time.monotonic()
import boto3
import requests
from aws_lambda_powertools import Logger
logger = Logger()
boto3.client("dynamodb").put_item(TableName="watches", Item={"watch_id": {"S": "w"}})
print(began)
"""


class Answers(BaseHTTPRequestHandler):
    """DynamoDB, SSM, Secrets Manager and a vendor, as far as one poll needs them."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self._answer({"success": True, "result": {"status": "InProgress"}, "status": "InProgress"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if operation in ("PutItem", "UpdateItem"):
            self.server.written_at.append(time.monotonic())
        self._answer(self.server.answer(operation, body))

    def _answer(self, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """The answers on a port of this machine, and when something was written."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.written_at: list[float] = []
        now = datetime.now(UTC)
        submission = Submission("d360", "1", Operation.IMPORT, now)
        watch = Watch(
            submission=submission, vendor="document360", vendor_title="Document360", accepted_at=now, next_poll_at=now
        )
        serialize = TypeSerializer().serialize
        self._item = {name: serialize(value) for name, value in write_record(watch).items()}
        self._connection = {"vendor": "document360", "base_url": self.url, "secret": "jobwatch/d360"}

    def answer(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        """What the service says to one call."""
        match operation:
            case "GetItem":
                return {"Item": self._item} if body["TableName"] == "watches" else {}
            case "UpdateItem":
                taken = Timetable(1, 1050, 0, 0, spacing_ms(60))
                return {"Attributes": {name: {"N": str(value)} for name, value in asdict(taken).items()}}
            case "GetParameter":
                return {"Parameter": {"Name": "d360", "Value": json.dumps(self._connection)}}
            case "GetSecretValue":
                return {"Name": "d360", "SecretString": json.dumps({"api_token": "token"})}
        return {}


@dataclass
class Measured:
    """Milliseconds of the runs of one thing."""

    milliseconds: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{min(self.milliseconds):.0f} / {median(self.milliseconds):.0f}"


@dataclass(frozen=True)
class Packages:
    """Where the layer as built and a copy of the runtime's packages lie, compiled for this interpreter."""

    layer: Path
    runtime: Path

    def run(self, code: str, function: str, environment: dict[str, str]) -> float:
        """What the code prints, run in a fresh interpreter that sees what the function sees on Lambda."""
        path = [ROOT / "functions" / function, self.layer, self.runtime]
        # Without -S, the interpreter's own site-packages would come with it.
        done = subprocess.run(
            [getattr(sys, "_base_executable", sys.executable), "-S", "-c", code],
            env={"PYTHONPATH": os.pathsep.join(map(str, path)), **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{function} failed:\n{done.stderr}")
        return float(done.stdout.split()[-1])


def built_layer(folder: Path) -> Path:
    """The layer as `sam build` makes it. Raises SystemExit with what make printed."""
    done = subprocess.run(
        ["make", "--silent", "--directory", str(ROOT / "layers/core"), "build-CoreLayer", f"ARTIFACTS_DIR={folder}"],
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"the layer cannot be built:\n{done.stdout}{done.stderr}")
    return folder / "python"


def packages(layer: Path, folder: Path) -> Packages:
    """A compiled copy of the layer, and of boto3 with what it needs."""
    copied, runtime = folder / "layer", folder / "runtime"
    shutil.copytree(layer, copied)
    for name in RUNTIME_DISTRIBUTIONS:
        for file in distribution(name).files or ():
            if file.suffix != ".pyc" and ".." not in file.parts:
                target = runtime / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), target)
    for path in (copied, runtime):
        compileall.compile_dir(path, quiet=2)
    return Packages(copied, runtime)


def first_write(
    code: str, server: Server, built: Packages, environment: dict[str, str], measured: Measured, last: Measured
) -> None:
    """Add the milliseconds from the interpreter's start to the first and to the last write of one run."""
    server.written_at.clear()
    began = built.run(code, "poller", environment)
    measured.milliseconds.append((server.written_at[0] - began) * 1000)
    last.milliseconds.append((server.written_at[-1] - began) * 1000)


def bytecode(layer: Path, tag: str) -> str:
    """How many of the layer's modules ship with bytecode of the template's runtime."""
    sources = list(layer.rglob("*.py"))
    compiled = [source for source in sources if (source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc").exists()]
    if not compiled:
        return f"no bytecode for {tag}: that interpreter is not on PATH here, so each cold start would compile anew"
    return f"{len(compiled)} of {len(sources)} modules with bytecode for {tag}"


def _megabytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def _template_runtime() -> str:
    class Loader(yaml.SafeLoader):
        """Reads CloudFormation's short forms as None: only the runtime is asked for."""

    Loader.add_multi_constructor("!", lambda *_: None)
    template = yaml.load((ROOT / "template.yaml").read_text(), Loader)
    runtime: str = template["Globals"]["Function"]["Runtime"]
    return runtime


def main(arguments: Sequence[str] | None = None) -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cold", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=15, help="fresh interpreters for each figure")
    options = parser.parse_args(arguments)
    console = Console()
    if not console.is_terminal:
        console = Console(width=120)
    functions = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))
    with tempfile.TemporaryDirectory(prefix="jobwatch-cold-") as name, Server() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        folder = Path(name)
        with console.status("building the layer"):
            layer = built_layer(folder / "built")
            built = packages(layer, folder)
        environment = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_SESSION_TOKEN": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": server.url,
            "AWS_LAMBDA_FUNCTION_NAME": "poller",
            "POWERTOOLS_SERVICE_NAME": "poller",
            "POWERTOOLS_METRICS_NAMESPACE": "jobwatch",
            "CONNECTION_PREFIX": "/jobwatch/connections/",
            "SECRET_PREFIX": "jobwatch/",
            "WATCH_TABLE_NAME": "watches",
            "TIMETABLE_TABLE_NAME": "timetables",
            "WAKES_PER_EXECUTION": "130",
        }
        imports = {function: Measured() for function in functions}
        poll, poll_end, plain = Measured(), Measured(), Measured()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("rounds of fresh interpreters", total=options.runs)
            for _ in range(options.runs):
                for function, measured in imports.items():
                    measured.milliseconds.append(built.run(IMPORT, function, environment))
                first_write(POLL, server, built, environment, poll, poll_end)
                first_write(PLAIN, server, built, environment, plain, Measured())
                bar.advance(task)
        tag = f"cpython-{_template_runtime().removeprefix('python').replace('.', '')}"
        table = Table(title=f"milliseconds, best / median of {options.runs} fresh interpreters", title_justify="left")
        for heading in ("function", "import of app", "package KB, beside the layer"):
            table.add_column(heading, justify="left" if heading == "function" else "right")
        for function, measured in imports.items():
            table.add_row(function, str(measured), f"{_megabytes(ROOT / 'functions' / function) * 1000:.1f}")
        console.print(table)
        console.print(f"Layer as built: {_megabytes(layer):.1f} MB, {bytecode(layer, tag)}.")
    _verdict(poll, poll_end, plain, console)


def _verdict(poll: Measured, poll_end: Measured, plain: Measured, console: Console) -> None:
    table = Table(title="milliseconds from the start to the first DynamoDB write", title_justify="left")
    for heading in ("", "best / median"):
        table.add_column(heading, justify="right" if heading else "left")
    table.add_row("poller: its slot on the timetable, after reading watch and connection", str(poll))
    table.add_row("plain: boto3, requests, Logger, one client, one PutItem", str(plain))
    console.print(table)
    ratios = [min(poll.milliseconds) / min(plain.milliseconds), median(poll.milliseconds) / median(plain.milliseconds)]
    met = ratios[1] <= WANTED_RATIO
    console.print(
        f"Ratio: {ratios[0]:.2f} best, {ratios[1]:.2f} median (wanted ≤ {WANTED_RATIO}: "
        f"[{'green' if met else 'bold red'}]{'met' if met else 'NOT met'}[/]). "
        f"The whole poll, with secret, vendor and the watch's write: {poll_end}."
    )


if __name__ == "__main__":
    main()
