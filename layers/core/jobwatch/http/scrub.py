"""Keeping secrets out of what is remembered and shown of an answer: some services echo what they were sent."""

import base64
import json
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote, quote_plus

from jobwatch.vendors.vendor import Response

_MASK = "***"
# Shorter values stand in ordinary words and numbers; masking them would spoil the answer.
_SHORTEST = 6


def scrub(response: Response, secrets: Iterable[str]) -> Response:
    """`response` with every one of `secrets` masked in body and headers, as it stands and as it may be written.

    That is: as base64, percent-encoded, and escaped in JSON (where some writers escape slashes too).
    """
    forms: set[str] = set()
    for secret in secrets:
        if len(secret) >= _SHORTEST:
            in_json = json.dumps(secret)[1:-1]
            forms |= {secret, quote_plus(secret), quote(secret), in_json, in_json.replace("/", "\\/")}
            forms.add(base64.b64encode(secret.encode()).decode().rstrip("="))
    body, headers = response.body, dict(response.headers)
    for form in sorted(forms, key=len, reverse=True):
        body = body.replace(form.encode(), _MASK.encode())
        headers = {name: value.replace(form, _MASK) for name, value in headers.items()}
    return replace(response, body=body, headers=headers)
