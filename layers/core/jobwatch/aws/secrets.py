"""Secrets in Secrets Manager, kept in memory for some minutes."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from jobwatch.aws.clients import calling, client, error_code
from jobwatch.aws.kept import Kept
from jobwatch.ports import SecretDeniedError, SecretUnusableError

# Secrets Manager is priced by the call. A rotated secret counts after this time, or at once when the old is refused.
_KEPT_SECONDS: Final = 300.0
_UNUSABLE = {
    "ResourceNotFoundException": "does not exist",
    "AccessDeniedException": "may not be read by jobwatch",
    "DecryptionFailure": "cannot be decrypted",
    "InvalidRequestException": "is marked for deletion or has no value",
    "InvalidParameterException": "has a name that is none",
    "ValidationException": "has a name that is none",
}


class SecretsManagerSecrets:
    """`jobwatch.ports.Secrets` on Secrets Manager."""

    def __init__(self, seconds: Callable[[], float] = time.time) -> None:
        self._kept: Kept[Mapping[str, Any]] = Kept("secret", _KEPT_SECONDS, seconds)

    def get(self, name: str) -> Mapping[str, Any]:
        return self._kept.get(name, lambda: _read(name))

    def forget(self, name: str) -> None:
        self._kept.forget(name)


def _read(name: str) -> Mapping[str, Any]:
    secrets_manager = client("secretsmanager")
    with calling(f"Secrets Manager GetSecretValue {name}"):
        try:
            text = secrets_manager.get_secret_value(SecretId=name).get("SecretString", "")
        except secrets_manager.exceptions.ClientError as error:
            if error_code(error) not in _UNUSABLE:
                raise
            kind = SecretDeniedError if error_code(error) == "AccessDeniedException" else SecretUnusableError
            raise kind(f"secret {name} {_UNUSABLE[error_code(error)]}") from None
    try:
        secret = json.loads(text)
    except (ValueError, RecursionError):
        secret = None
    if not isinstance(secret, dict):
        # The parse error is not shown: it would quote the secret.
        raise SecretUnusableError(f"secret {name} is not a JSON object")
    return secret
