"""A log on a vendor's own host, read with the connection's credentials."""

import re
from collections.abc import Iterator, Mapping

from jobwatch.domain.exchange import NoResponseError
from jobwatch.domain.scrub import patterns_of
from jobwatch.http.transport import Transport
from jobwatch.logs import LogChanged, LogUnreadable

_MOST_HELD_BYTES = 64 * 1024


class HttpLogSource:
    """One file by https. Where it may lie is decided before one of these is made."""

    def __init__(self, transport: Transport, url: str, headers: Mapping[str, str], secrets: list[str]) -> None:
        """`headers`: with the credentials. `secrets`: masked in what is read, byte for byte, for hosts that echo."""
        self._transport = transport
        self._url = url
        # Offsets are counted in the bytes that are sent, so none may be compressed.
        self._headers = {"Accept": "*/*", "Accept-Encoding": "identity", **headers}
        self._secrets = [re.compile(pattern.encode()) for pattern in patterns_of(secrets)]
        self._etag: str | None = None
        self.size_bytes: int | None = None

    def read(self, start: int, end: int | None) -> Iterator[bytes]:
        """See LogSource.read. A host that gives no parts of a file is read from its beginning only."""
        if end is not None and end <= start:
            return
        headers = dict(self._headers)
        if start or end is not None:
            headers["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
        left = None if end is None else end - start
        try:
            with self._transport.stream(self._url, headers) as (status_code, answered, pieces):
                if status_code == 416:
                    return
                self._check(status_code, answered, start)
                for piece in self._masked(pieces):
                    shown = piece if left is None else piece[:left]
                    left = None if left is None else left - len(shown)
                    yield shown
                    if left == 0:
                        return
        except NoResponseError as error:
            raise LogUnreadable(str(error)) from error

    def _check(self, status_code: int, headers: Mapping[str, str], start: int) -> None:
        """Remembers what the file is. Raises LogUnreadable, LogChanged."""
        if status_code not in (200, 206):
            raise LogUnreadable(f"the vendor answered HTTP {status_code}")
        if "text/html" in headers.get("content-type", "").lower():
            raise LogUnreadable("the vendor answered with a page for people")
        if status_code == 200 and start:
            raise LogUnreadable("the vendor gives no parts of it")
        whole = headers.get("content-range", "").rpartition("/")[2] or headers.get("content-length", "")
        etag = headers.get("etag")
        if self._etag is not None and etag != self._etag:
            self._etag = self.size_bytes = None
            raise LogChanged("the file was replaced")
        self._etag = etag
        self.size_bytes = int(whole) if re.fullmatch(r"\d{1,18}", whole, re.ASCII) else self.size_bytes

    def _masked(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The pieces, cut between lines so that no secret lies across two of them, with secrets as stars."""
        held = b""
        for piece in pieces:
            held += piece
            at = held.rfind(b"\n") + 1
            if at == 0 and len(held) > _MOST_HELD_BYTES:
                at = len(held)
            if at:
                yield self._mask(held[:at])
                held = held[at:]
        if held:
            yield self._mask(held)

    def _mask(self, piece: bytes) -> bytes:
        for pattern in self._secrets:
            piece = pattern.sub(lambda found: b"*" * len(found.group()), piece)
        return piece
