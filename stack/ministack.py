"""The embedded AWS (MiniStack) as a process of its own on a free port, gone without a trace afterwards."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
from botocore.config import Config
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

REGION = "us-east-1"
ROOT = Path(__file__).resolve().parent.parent


class StackError(Exception):
    """The embedded stack did not do what was asked; `str()` says what, and what it printed last."""


class MiniStack:
    """Starts on entering, stops on leaving with every process that it started.

    `auth`: enforce IAM. `wait_scale`: shrinks Wait states and retry intervals. `inbox_url`: where the mails of email
    subscriptions are delivered (a `sandbox.inbox.Inbox`). `functions_endpoint_url`: what functions see as AWS, for a
    fault-injecting proxy in front. `retry_async_after_seconds`: when an asynchronous invocation that failed is tried
    again, and after twice as long once more; AWS's is a minute.
    """

    def __init__(
        self,
        *,
        auth: bool = True,
        wait_scale: float = 1.0,
        inbox_url: str | None = None,
        concurrency: int | None = None,
        functions_endpoint_url: str | None = None,
        retry_async_after_seconds: float = 1.0,
    ) -> None:
        self.port = free_port()
        self.endpoint_url = f"http://127.0.0.1:{self.port}"
        self._folder = Path(tempfile.mkdtemp(prefix="jobwatch-ministack-"))
        self._log_path = self._folder / "ministack.log"
        self._settings = {
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            # Its workers inherit it; the process itself calls no AWS.
            "AWS_ENDPOINT_URL": functions_endpoint_url or self.endpoint_url,
            "AUTH": "true" if auth else "false",
            "SFN_WAIT_SCALE": str(wait_scale),
            "STATE_DIR": str(self._folder / "state"),
            "S3_DATA_DIR": str(self._folder / "s3"),
            "TMPDIR": str(self._folder),
            "LOG_LEVEL": "WARNING",
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": str(retry_async_after_seconds),
        }
        if inbox_url:
            self._settings["SANDBOX_INBOX_URL"] = inbox_url
        if concurrency:
            self._settings["LAMBDA_ACCOUNT_CONCURRENCY"] = str(concurrency)
        self._process: subprocess.Popen[bytes] | None = None
        self._clients: dict[tuple[str, ...], Any] = {}
        self._clients_lock = threading.Lock()

    @property
    def environment(self) -> dict[str, str]:
        """What a shell or the SAM CLI needs to reach this AWS; nothing of the caller's own AWS settings is left in.

        Nor of their Python settings: PYTHONDONTWRITEBYTECODE, usual in containers, costs every start of the SAM CLI
        and of a function's worker seconds, and byte code under PYTHONPYCACHEPREFIX would outlive the folders it is of.
        """
        own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
        # The bootstrap venv's tools first, and no host Python path inside functions.
        own["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{own.get('PATH', '')}"
        return own | {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "SAM_CLI_TELEMETRY": "0",
            # Seconds between its looks at a change; the default of 5 is for the real CloudFormation's rate limit.
            "SAM_CLI_POLL_DELAY": "0.2",
        }

    def client(self, service: str, **credentials: str) -> Any:
        """A boto3 client on this AWS, as the account's root unless credentials are given.

        The same client for the same arguments: making one takes tens of milliseconds, and is not safe in threads,
        while using one is.
        """
        chosen = credentials or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        key = (service, *(f"{name}={value}" for name, value in sorted(chosen.items())))
        make: Any = boto3.client  # its stubs know a literal for each service, not a name that varies
        with self._clients_lock:
            if key not in self._clients:
                self._clients[key] = make(
                    service,
                    endpoint_url=self.endpoint_url,
                    region_name=REGION,
                    config=Config(retries={"mode": "standard", "total_max_attempts": 3}, max_pool_connections=50),
                    **chosen,
                )
            return self._clients[key]

    def start(self) -> Self:
        """Start the process and wait until it answers. Raises StackError."""
        # Without the caller's PYTHONPATH: functions get the layer from the deployed artifact, never from this tree.
        environment = self.environment | self._settings
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sandbox.ministack_mail" if "SANDBOX_INBOX_URL" in environment else "ministack"],
                cwd=ROOT if "SANDBOX_INBOX_URL" in environment else self._folder,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait_until_healthy()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End the process and all of its workers, and remove its files."""
        if self._process is not None:
            for signal_number in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(self._process.pid, signal_number)
                    self._process.wait(timeout=5)
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    continue
            self._process = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def workers(self) -> dict[int, str]:
        """The processes in which functions run: the name of the function by process id."""
        mark = f"{self._folder}/ministack-lambda-"
        found = {}
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                command = entry.read_bytes().decode(errors="replace")
            except OSError:
                continue  # it has ended meanwhile
            if mark in command:
                name = command.partition(mark)[2].partition("/")[0]
                found[int(entry.parent.name)] = name.rpartition("-")[0]
        return found

    def log_tail(self, lines: int = 20) -> str:
        """The last lines that the process printed."""
        if not self._log_path.exists():
            return ""
        return "\n".join(self._log_path.read_text(errors="replace").splitlines()[-lines:])

    def _wait_until_healthy(self) -> None:
        @retry(stop=stop_after_delay(60), wait=wait_fixed(0.1), retry=retry_if_exception_type(OSError), reraise=True)
        def ask() -> None:
            if self._process is None or self._process.poll() is not None:
                raise StackError(f"MiniStack ended while starting:\n{self.log_tail()}")
            with urllib.request.urlopen(f"{self.endpoint_url}/_ministack/health", timeout=5):
                return

        try:
            ask()
        except OSError as error:
            raise StackError(f"MiniStack did not answer within 60 s ({error}):\n{self.log_tail()}") from error

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
