"""`python -m stack.clean_deploy`: what a newcomer types, with nothing but sam, pip and make on PATH.

Deploys the last commit with plain `sam build` and `sam deploy` to the embedded stack, once without any parameter and
once with all of them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from stack.ministack import REGION, ROOT, MiniStack, StackError

_TOOLS = ("sam", "pip", "make")
_PARAMETERS = (
    "NotificationEmail=team@example.com",
    "OperationsEmail=ops@example.com",
    "SlackSecretName=jobwatch-slack",
    "LogObjectArns=arn:aws:s3:::mybucket/logs/*,arn:aws:s3:::other/*",
)


def main() -> None:
    """Exits with 1 and what sam printed when a step fails."""
    with tempfile.TemporaryDirectory(prefix="jobwatch-clean-") as folder, MiniStack() as aws:
        checkout, tools = Path(folder, "checkout"), Path(folder, "bin")
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(checkout)], check=True)
        tools.mkdir()
        for tool in _TOOLS:
            where = shutil.which(tool, path=aws.environment["PATH"])
            if where is None:
                raise StackError(f"{tool} is not on PATH")
            tools.joinpath(tool).symlink_to(where)
        environment = aws.environment | {"PATH": str(tools)}
        deploy = ("deploy", "--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset")
        key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
        for arguments in (
            ("build",),
            (*deploy, "--stack-name", "plain"),
            (*deploy, "--stack-name", "full", "--parameter-overrides", *_PARAMETERS, f"EncryptionKeyArn={key}"),
        ):
            _run(["sam", *arguments], checkout, environment)
        stacks = aws.client("cloudformation").describe_stacks()["Stacks"]
        states = {stack["StackName"]: stack["StackStatus"] for stack in stacks}
        if {states.get("plain"), states.get("full")} != {"CREATE_COMPLETE"}:
            raise StackError(f"the stacks are {states}")
        print(
            f"clean deploy: 'plain' and 'full' are CREATE_COMPLETE in {REGION}, with only {', '.join(_TOOLS)} on PATH"
        )


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    environment = environment | {"HOME": os.environ.get("HOME", str(folder))}
    executable = str(Path(environment["PATH"], command[0]))
    result = subprocess.run(
        [executable, *command[1:]], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode:
        tail = "\n".join((result.stdout + result.stderr).splitlines()[-30:])
        raise StackError(f"{' '.join(command)} failed:\n{tail}")


if __name__ == "__main__":
    try:
        main()
    except StackError as error:
        sys.exit(f"clean deploy: {error}")
