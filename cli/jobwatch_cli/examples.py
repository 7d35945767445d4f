"""The connections that ship with the command, to start from: events/connections in the project."""

from importlib.resources import files


class UnknownExampleError(Exception):
    """No connection of that name ships."""


def names() -> list[str]:
    """What can be started from."""
    entries = (files("jobwatch_cli") / "descriptions").iterdir()
    return sorted(entry.name.removesuffix(".json") for entry in entries if entry.name.endswith(".json"))


def example(name: str) -> str:
    """The connection's JSON, as it can be put. Raises UnknownExampleError."""
    if name not in names():
        raise UnknownExampleError(name)
    return (files("jobwatch_cli") / "descriptions" / f"{name}.json").read_text(encoding="utf-8")
