"""`python -m sandbox`: starts every server, prints the addresses and the secrets that open them, runs until Ctrl-C."""

import threading

from rich.console import Console
from rich.table import Column, Table

from sandbox.server import Sandbox


def main() -> None:
    """Run until interrupted."""
    console = Console()
    with Sandbox() as sandbox:
        table = Table("server", "address", Column("secret", overflow="fold"))
        for server in sandbox.servers:
            table.add_row(server.name, server.url, str(getattr(server, "secret", "")))
        console.print(table)
        console.print("Slack webhook:", sandbox.slack.webhook_url)
        console.print("Ctrl-C stops.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            console.print("stopped")


if __name__ == "__main__":
    main()
