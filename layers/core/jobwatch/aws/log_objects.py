"""PLACEHOLDER."""

from typing import Any


class S3Logs:
    def open(self, location: Any) -> Any:
        return None
