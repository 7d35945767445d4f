"""The deployed stack that a verb is about, and the errors of AWS in words that say what to do."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from jobwatch.ports import ServiceUnavailableError, WatchChangedError, WatchMissingError

StackOption = Annotated[str, typer.Option("--stack-name", envvar="JOBWATCH_STACK", help="The stack it is deployed as.")]
RegionOption = Annotated[str | None, typer.Option("--region", help="The AWS region; else as the AWS CLI finds it.")]
ProfileOption = Annotated[str | None, typer.Option("--profile", help="The profile of ~/.aws; else AWS_PROFILE.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document and nothing else.")]


class CommandError(Exception):
    """A verb cannot do what it was asked; `str()` says why and what to do, in one line."""


@contextmanager
def errors_told(stack_name: str, region: str | None, profile: str | None) -> Iterator[None]:
    """Sets region and profile for what follows, and turns what goes wrong into one line on stderr and exit code 1."""
    from botocore.exceptions import BotoCoreError, ClientError

    if region:
        os.environ["AWS_DEFAULT_REGION"] = region
    if profile:
        os.environ["AWS_PROFILE"] = profile
    try:
        yield
    except CommandError as error:
        _fail(str(error))
    except WatchMissingError as error:
        _fail(f"{error}. Look with: jobwatch list --stack-name {stack_name}")
    except WatchChangedError as error:
        _fail(f"{error}. Try again.")
    except (ServiceUnavailableError, ClientError, BotoCoreError) as error:
        _fail(explained(error))


def _fail(text: str) -> None:
    typer.echo(f"error: {text}", err=True)
    raise typer.Exit(1)


def explained(error: Exception) -> str:
    """What AWS refused, and the next step."""
    text = str(error)
    for word, meaning in (
        ("ExpiredToken", "Your AWS sign-in has expired. Sign in again, for instance: aws sso login"),
        ("UnauthorizedSSOToken", "Your AWS sign-in has expired. Sign in again: aws sso login"),
        ("Error when retrieving token from sso", "Your AWS sign-in has expired. Sign in again: aws sso login"),
        ("NoCredentials", "No AWS credentials were found. Sign in, or set AWS_PROFILE or --profile."),
        ("Unable to locate credentials", "No AWS credentials were found. Sign in, or set AWS_PROFILE or --profile."),
        ("NoRegion", "No AWS region is set. Set AWS_REGION or --region."),
        ("You must specify a region", "No AWS region is set. Set AWS_REGION or --region."),
        ("ProfileNotFound", f"{text}. Look into ~/.aws/config, or set --profile."),
        ("config profile", f"{text}. Look into ~/.aws/config, or set --profile."),
        ("UnrecognizedClient", "AWS does not know these credentials. Sign in again, or set --profile."),
        ("InvalidClientTokenId", "AWS does not know these credentials. Sign in again, or set --profile."),
        ("AccessDenied", f"Not allowed: {text}. Ask for the policy in the stack's output ReaderPolicyArn."),
        ("Throttl", f"AWS answers too many calls just now ({text}). Try again in a minute."),
        ("ProvisionedThroughputExceeded", f"AWS answers too many calls just now ({text}). Try again in a minute."),
        ("EndpointConnectionError", f"AWS cannot be reached ({text}). Look at your network and at --region."),
    ):
        if word in text or word in type(error).__name__:
            return meaning
    return text


def outputs(stack_name: str) -> dict[str, str]:
    """The outputs of a deployed stack. Raises CommandError where there is none of the name, naming those there are."""
    from jobwatch.aws.clients import client, error_code

    cloudformation = client("cloudformation")
    try:
        [stack] = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    except cloudformation.exceptions.ClientError as error:
        if error_code(error) != "ValidationError":
            raise
        raise CommandError(_no_stack(cloudformation, stack_name)) from None
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}


def output(stack_name: str, key: str) -> str:
    """One output of a deployed stack. Raises CommandError where the stack has it not."""
    found = outputs(stack_name)
    if key not in found:
        raise CommandError(f"The stack {stack_name} has no output {key}: is it jobwatch, and up to date?")
    return found[key]


def _no_stack(cloudformation: Any, stack_name: str) -> str:
    from jobwatch_cli.surroundings import place

    try:
        pages = cloudformation.get_paginator("describe_stacks").paginate(PaginationConfig={"MaxItems": 200})
        stacks = [stack for page in pages for stack in page["Stacks"]]
        keys = [(stack["StackName"], {each["OutputKey"] for each in stack.get("Outputs", [])}) for stack in stacks]
        names = [name for name, outputs_ in keys if "WatchTableName" in outputs_]
    except cloudformation.exceptions.ClientError:
        names = []
    there = f"There are: {', '.join(names)}. " if names else ""
    return f"No stack {stack_name!r} in {place()}. {there}Set --stack-name, JOBWATCH_STACK or --region."
