"""The `jobwatch` command."""

import os

import typer

from jobwatch_cli.connection import connection_app
from jobwatch_cli.looking import list_command, show_command
from jobwatch_cli.redrive import redrive_command
from jobwatch_cli.stopping import stop_command
from jobwatch_cli.summarise import summarise_command
from jobwatch_cli.waiting import wait_command

app = typer.Typer(
    help="jobwatch: what long SaaS jobs are doing, and what went wrong in them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


@app.callback()
def commands() -> None:
    """Before each command."""
    # Lambda, other SDKs and people name the region so; boto3 reads AWS_DEFAULT_REGION alone.
    if region := os.environ.get("AWS_REGION"):
        os.environ.setdefault("AWS_DEFAULT_REGION", region)


app.command("list")(list_command)
app.command("show")(show_command)
app.command("wait")(wait_command)
app.command("stop")(stop_command)
app.command("summarise")(summarise_command)
app.command("redrive")(redrive_command)
app.add_typer(connection_app, name="connection")

if __name__ == "__main__":
    app()
