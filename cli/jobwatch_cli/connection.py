"""`jobwatch connection`: commands about connections."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

import typer

from jobwatch.aws.connections import SsmConnections
from jobwatch.aws.secrets import SecretsManagerSecrets
from jobwatch.domain.words import Operation
from jobwatch.vendors.registry import VENDORS
from jobwatch_cli.checking import Finding, Question, check_connection

connection_app = typer.Typer(help="Connections to vendors.", no_args_is_help=True)


@connection_app.callback()
def commands() -> None:
    """Keeps `connection` a group of commands however few there are."""


@connection_app.command("check")
def check_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The connection, without the prefix of its parameter.")],
    job_id: Annotated[str | None, typer.Option(help="A job to ask about; without it, an id that cannot exist.")] = None,
    operation: Annotated[Operation | None, typer.Option(help="Which of the vendor's job APIs.")] = None,
    parameter: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="As in a submission.")] = None,
    connection_prefix: Annotated[str, typer.Option(help="The stack's ConnectionPrefix.")] = "/jobwatch/connections/",
    secret_prefix: Annotated[str, typer.Option(help="The stack's SecretPrefix.")] = "jobwatch/",  # noqa: S107 - a name's prefix
) -> None:
    """Ask a connection's vendor once and say what works: parameter, secret, address, credentials, permission, job.

    Uses your AWS credentials, not the stack's; prints no secret. Exit code 0 when all is good, else 1.
    """
    # The other commands do not wait for these imports.
    from botocore.exceptions import BotoCoreError

    from jobwatch.http.asking import VendorApis
    from jobwatch.http.transport import Transport

    parameters = dict(_named_value(text) for text in parameter or [])
    question = Question(name, operation, job_id, parameters, asked_at=datetime.now(UTC))
    secrets = SecretsManagerSecrets()
    findings = check_connection(
        question,
        connections=SsmConnections(connection_prefix, secret_prefix, frozenset(VENDORS)),
        secrets=secrets,
        vendor_status=VendorApis(secrets, Transport()),
    )
    try:
        is_good = _print(findings)
    except BotoCoreError as error:
        # What a client raises before its first call: no region, a profile that there is not.
        typer.echo(f"  ✗ AWS          {error}\n\nNext: set AWS_REGION and AWS_PROFILE.")
        is_good = False
    raise typer.Exit(0 if is_good else 1)


def _print(findings: Iterable[Finding]) -> bool:
    is_good = True
    steps = []
    for finding in findings:
        first, *more = finding.text.splitlines()
        typer.echo(f"  {'✓' if finding.is_good else '✗'} {finding.subject:<12} {first}")
        for line in more:
            typer.echo(f"{'':17}{line}")
        is_good = is_good and finding.is_good
        steps += [finding.next_step] if finding.next_step else []
    for step in steps:
        typer.echo(f"\n{'Note' if is_good else 'Next'}: {step}")
    return is_good


def _named_value(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not name or not separator:
        raise typer.BadParameter("must be NAME=VALUE", param_hint="--parameter")
    return name, value
