"""What a fresh function imports before its first calls: boto3 and requests together take longer than all the rest."""

import json
import os
import subprocess
import sys

import pytest

from tests.architecture.deployment import FUNCTIONS, ROOT

CALLED = """
import json, sys
import app
from jobwatch import wiring
from jobwatch.aws.clients import calling, client
function, services = sys.argv[1:]
getattr(wiring, function)()
for service in services.split():
    client(service)
with calling("nothing"):
    pass
print(json.dumps([name for name in ("boto3", "requests") if name in sys.modules]))
"""


@pytest.mark.parametrize(
    ("function", "wired", "services"),
    [
        # Until its slot on the timetable, a poll's first write. Then it asks the vendor, with requests.
        ("poller", "poller", "dynamodb ssm secretsmanager"),
        ("intake", "intake", "dynamodb ssm stepfunctions"),
        ("sweeper", "rounds", "dynamodb stepfunctions"),
    ],
)
def test_nothing_slow_is_imported_before_it_is_needed(function: str, wired: str, services: str) -> None:
    variables = dict.fromkeys(FUNCTIONS[f"{function.capitalize()}Function"]["Environment"]["Variables"], "1")
    lambdas = ("AWS_LAMBDA_FUNCTION_NAME", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CALLED, wired, services],
        env={
            **variables,
            **dict.fromkeys(lambdas, "eu-central-1"),
            "POWERTOOLS_METRICS_NAMESPACE": "jobwatch",
            "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "functions" / function, ROOT / "layers" / "core"))),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout) == []
