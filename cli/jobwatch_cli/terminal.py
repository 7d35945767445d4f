"""Printing for a terminal, or for a program that reads a pipe."""

import json
import sys
from collections.abc import Sequence
from typing import Any

import typer

from jobwatch_cli.rows import ascii_signs


def as_json(document: dict[str, Any]) -> None:
    """One JSON document on stdout."""
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


def line(text: str, *, err: bool = False) -> None:
    """One line, without signs that the encoding lacks."""
    stream = sys.stderr if err else sys.stdout
    encoding = getattr(stream, "encoding", None) or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = ascii_signs(text).encode(encoding, "replace").decode(encoding)
    typer.echo(text, err=err)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], plain: Sequence[Sequence[str]]) -> None:
    """Aligned, cut columns with a header on a terminal; `plain`, uncut and separated by tabs, in a pipe."""
    if not sys.stdout.isatty():
        for row in plain:
            line("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(emoji=False, markup=False, highlight=False)
    shown = Table(box=None, pad_edge=False, header_style="dim")
    for title in header:
        shown.add_column(title, overflow="ellipsis", no_wrap=True)
    ascii_only = not _has_signs(console.encoding)
    for row in rows:
        shown.add_row(*(Text(ascii_signs(cell) if ascii_only else cell) for cell in row))
    console.print(shown)


def _has_signs(encoding: str) -> bool:
    try:
        "✓✗■●…".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
