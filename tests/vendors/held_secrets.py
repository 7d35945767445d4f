"""A secret store that holds one secret."""

from collections.abc import Mapping
from typing import Any


class HeldSecrets:
    """`jobwatch.ports.Secrets` with one secret under every name; counts how often it was to be read anew."""

    def __init__(self, secret: Mapping[str, Any]) -> None:
        self.secret = dict(secret)
        self.forgotten = 0

    def get(self, name: str) -> Mapping[str, Any]:
        return self.secret

    def forget(self, name: str) -> None:
        self.forgotten += 1
