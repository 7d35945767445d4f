"""Connections in SSM Parameter Store: `{prefix}{name}`, a JSON object each."""

import json
import time
from collections.abc import Callable
from typing import Final

from jobwatch.aws.clients import calling, client, error_code
from jobwatch.aws.kept import Kept
from jobwatch.domain.connection import (
    Connection,
    ConnectionDeniedError,
    ConnectionUnusableError,
    read_connection,
)

# Of Systems Manager, and what it passes on of KMS.
_REFUSED = frozenset({"AccessDeniedException", "InvalidKeyId"})
# An edit counts after this at the latest.
_KEPT_SECONDS: Final = 60.0


class SsmConnections:
    """`jobwatch.ports.Connections` on SSM parameters, each read about once a minute, by every process that uses it.

    `patient`: whether a throttled read is tried again at once (`jobwatch.aws.clients`).
    """

    def __init__(
        self,
        prefix: str,
        secret_prefix: str,
        vendors: frozenset[str],
        seconds: Callable[[], float] = time.time,
        *,
        patient: bool = True,
    ) -> None:
        self._patient = patient
        self._prefix = prefix
        self._secret_prefix = secret_prefix
        self._vendors = vendors
        self._kept: Kept[Connection] = Kept("connection", _KEPT_SECONDS, seconds)

    def get(self, name: str) -> Connection:
        return self._kept.get(name, lambda: self._read(name))

    def _read(self, name: str) -> Connection:
        ssm = client("ssm", patient=self._patient)
        with calling(f"SSM GetParameter {self._prefix}{name}"):
            try:
                parameter = ssm.get_parameter(Name=f"{self._prefix}{name}", WithDecryption=True)
            except ssm.exceptions.ClientError as error:
                if error_code(error) in _REFUSED:
                    raise ConnectionDeniedError(
                        f"connection {name}: {self._prefix}{name} cannot be read ({error_code(error)}); a parameter "
                        "under a key of your own needs kms:Decrypt, a plain String does not"
                    ) from None
                if error_code(error) != "ParameterNotFound":
                    raise
                raise ConnectionUnusableError(
                    f"connection {name}: there is no parameter {self._prefix}{name}"
                ) from None
        try:
            document = json.loads(parameter["Parameter"]["Value"])
        except (ValueError, RecursionError) as error:
            raise ConnectionUnusableError(f"connection {name}: the parameter is not JSON ({error})") from None
        return read_connection(name, document, self._secret_prefix, self._vendors)
