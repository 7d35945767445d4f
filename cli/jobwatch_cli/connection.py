"""`jobwatch connection`: commands about connections."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from jobwatch.domain.words import Operation
from jobwatch.vendors.registry import VENDORS, vendor_of
from jobwatch_cli.checking import Question, Surroundings, check_answer, check_connection
from jobwatch_cli.examples import UnknownExampleError, example, names
from jobwatch_cli.finding import Finding, Mark
from jobwatch_cli.saved import FileUnusableError, read_answer_file, read_connection_file

connection_app = typer.Typer(help="Connections to vendors.", no_args_is_help=True)


@connection_app.command("init")
def init_command(
    like: Annotated[bool, typer.Option("--like", help="Start from the connection NAME that ships.")] = False,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]")] = None,
) -> None:
    """Print a connection to start from; without a NAME, list them. Writes nothing to AWS."""
    if not like:
        raise typer.BadParameter("say what to start from: --like NAME", param_hint="--like")
    try:
        typer.echo(example(name or ""), nl=False)
    except UnknownExampleError:
        typer.echo("\n".join(names()), err=name is not None)
        if name is not None:
            typer.echo(f"\nThere is no {name} among these. Start from the nearest.", err=True)
            raise typer.Exit(1) from None


@connection_app.command("check")
def check_command(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="The connection, as submissions name it.")
    ] = None,
    job_id: Annotated[str | None, typer.Option(help="A job to ask about; without it, an id that cannot exist.")] = None,
    attempt: Annotated[str | None, typer.Option(help="Which attempt, as in a submission.")] = None,
    operation: Annotated[Operation | None, typer.Option(help="Which of the vendor's job APIs.")] = None,
    parameter: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="As in a submission.")] = None,
    show_answer: Annotated[bool, typer.Option(help="Print the answer as it came, secrets masked.")] = False,
    file: Annotated[Path | None, typer.Option(help="A connection, or a rest description, in place of AWS.")] = None,
    answer: Annotated[Path | None, typer.Option(help="With --file: a saved answer, in place of asking.")] = None,
    connection_prefix: Annotated[str, typer.Option(help="The stack's ConnectionPrefix.")] = "/jobwatch/connections/",
    secret_prefix: Annotated[str, typer.Option(help="The stack's SecretPrefix.")] = "jobwatch/",  # noqa: S107 - a name's prefix
    stack_name: Annotated[str | None, typer.Option(help="Whose LogObjectArns count.", envvar="JOBWATCH_STACK")] = None,
) -> None:
    """Ask a connection's vendor once and say what works: parameter, secret, address, credentials, permission, job.

    Uses your AWS credentials, not the stack's; prints no secret. With --file and --answer it asks nobody and needs no
    AWS. Exit code 0 when nothing is wrong (! is worth a look), else 1.
    """
    parameters = dict(_named_value(text) for text in parameter or [])
    if answer is not None and file is None:
        raise typer.BadParameter("needs --file", param_hint="--answer")
    if name is None and file is None:
        raise typer.BadParameter("name a connection, or a --file", param_hint="NAME")
    shown_name = name or (file.stem if file else "")
    question = Question(shown_name, operation, job_id, parameters, datetime.now(UTC), attempt, show_answer)
    if file is not None:
        raise typer.Exit(0 if _print(_check_files(file, answer, question, secret_prefix)) else 1)
    raise typer.Exit(0 if _print_of_aws(question, connection_prefix, secret_prefix, stack_name or "jobwatch") else 1)


def _check_files(file: Path, answer: Path | None, question: Question, secret_prefix: str) -> Iterator[Finding]:
    try:
        connection = read_connection_file(file, question.connection_name, secret_prefix)
        yield Finding("file", Mark.GOOD, f"valid: {vendor_of(connection).title}")
        if answer is not None:
            yield from check_answer(question, connection, read_answer_file(answer, question.asked_at))
    except FileUnusableError as error:
        yield Finding("file", Mark.BAD, str(error), "Correct the file; docs/vendors/rest.md explains each field.")


def _print_of_aws(question: Question, connection_prefix: str, secret_prefix: str, stack_name: str) -> bool:
    # The other commands do not wait for these imports, and files need no AWS.
    from botocore.exceptions import BotoCoreError

    from jobwatch.aws.connections import SsmConnections
    from jobwatch.aws.secrets import SecretsManagerSecrets
    from jobwatch.domain.exchange import Response
    from jobwatch.http.asking import VendorApis
    from jobwatch.http.transport import Transport
    from jobwatch_cli.surroundings import log_arns_of, place

    secrets, responses = SecretsManagerSecrets(), list[Response]()
    findings = check_connection(
        question,
        connections=SsmConnections(connection_prefix, secret_prefix, frozenset(VENDORS)),
        secrets=secrets,
        vendor_status=VendorApis(secrets, Transport(), responses.append),
        responses=responses,
        around=Surroundings(place, lambda: log_arns_of(stack_name)),
    )
    try:
        return _print(findings)
    except BotoCoreError as error:
        # What a client raises before its first call: no region, a profile that there is not.
        typer.echo(f"  ✗ AWS          {error}\n\nNext: set AWS_REGION and AWS_PROFILE.")
        return False


def _print(findings: Iterable[Finding]) -> bool:
    is_good = True
    steps = []
    for finding in findings:
        first, *more = finding.text.splitlines()
        typer.echo(f"  {finding.mark.value} {finding.subject:<12} {first}")
        for line in more:
            typer.echo(f"{'':17}{line}")
        is_good = is_good and finding.is_good
        steps += [("Note" if finding.is_good else "Next", finding.next_step)] if finding.next_step else []
    for kind, step in steps:
        typer.echo(f"\n{kind}: {step}")
    return is_good


def _named_value(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not name or not separator:
        raise typer.BadParameter("must be NAME=VALUE", param_hint="--parameter")
    return name, value
