"""An OAuth 2.0 token endpoint for client credentials (RFC 6749, sections 4.4 and 5)."""

import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Response, jsonify, request

from sandbox.jobs import Clock


@dataclass
class TokenEndpoint:
    """Issues bearer tokens and says whether one is still good.

    `expires_in` is what the answer carries, in seconds of the clock: a number, a string (some servers send one), or
    None to leave it out; the token lives `lifetime_seconds` in any case. `extra` goes into the answer as it is.
    """

    clock: Clock
    client_id: str
    client_secret: str
    scope: str | None = None
    expires_in: int | str | None = 3600
    lifetime_seconds: float = 3600
    extra: dict[str, str] = field(default_factory=dict)
    issued: list[str] = field(default_factory=list)
    _ends: dict[str, datetime] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def view(self) -> tuple[Response, int]:
        """Answer a token request: form-encoded, or refused as RFC 6749 section 5.2 says."""
        form = request.form
        if request.mimetype != "application/x-www-form-urlencoded" or "grant_type" not in form:
            return _refused(400, "invalid_request", "the parameters are to be form-encoded")
        if form["grant_type"] != "client_credentials":
            return _refused(400, "unsupported_grant_type", "only client_credentials is known")
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return _refused(401, "invalid_client", "client authentication failed")
        if self.scope is not None and form.get("scope") != self.scope:
            return _refused(400, "invalid_scope", "the requested scope is unknown")
        answer: dict[str, object] = {"access_token": self._issue(), "token_type": "Bearer", **self.extra}
        if self.expires_in is not None:
            answer["expires_in"] = self.expires_in
        response = jsonify(answer)
        response.headers["Cache-Control"] = "no-store"
        return response, 200

    def accepts(self, authorization: str | None) -> bool:
        """Whether an Authorization header carries a token that was issued here and still lives."""
        kind, _, token = (authorization or "").partition(" ")
        with self._lock:
            ends = self._ends.get(token)
        return kind.lower() == "bearer" and ends is not None and self.clock.now() < ends

    def revoke(self) -> None:
        """Let every token issued so far fail from now on."""
        with self._lock:
            self._ends.clear()

    def _issue(self) -> str:
        token = f"tok-{secrets.token_urlsafe(24)}"
        with self._lock:
            self._ends[token] = self.clock.now() + timedelta(seconds=self.lifetime_seconds)
            self.issued.append(token)
        return token


def _refused(status: int, error: str, description: str) -> tuple[Response, int]:
    return jsonify({"error": error, "error_description": description}), status
