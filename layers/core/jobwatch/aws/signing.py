"""AWS Signature Version 4, for the one shape of request that the JSON protocol has: a POST of a body to the root.

Source: "Create a signed AWS API request" in the AWS IAM user guide. botocore's own signer imports most of botocore.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True)
class Credentials:
    """Who signs. `token`: with the temporary credentials of a role, which is what a function has."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(repr=False)


def signed(
    headers: Mapping[str, str], body: bytes, credentials: Credentials, *, service: str, region: str, at: datetime
) -> dict[str, str]:
    """`headers`, with `Host` among them, and those that say who sends them; all of them are signed. `at` is in UTC."""
    moment = at.strftime("%Y%m%dT%H%M%SZ")
    complete = {**headers, "X-Amz-Date": moment}
    if credentials.token:
        complete["X-Amz-Security-Token"] = credentials.token
    values = {name.lower(): value for name, value in complete.items()}
    names = ";".join(sorted(values))
    lines = [f"{name}:{values[name]}" for name in sorted(values)]
    canonical = "\n".join(["POST", "/", "", *lines, "", names, hashlib.sha256(body).hexdigest()])
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    text = "\n".join([_ALGORITHM, moment, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{credentials.secret_key}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.digest(key, part.encode(), "sha256")
    complete["Authorization"] = (
        f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, SignedHeaders={names}, Signature={key.hex()}"
    )
    return complete
