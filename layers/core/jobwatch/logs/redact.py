"""Text of a log made fit to show: on one line, without controls, with secrets taken out."""

import re

from jobwatch.domain.text import clean

REDACTED = "[redacted]"
_EXAMINED_CHARACTERS = 1000

_NAMES_OF_WHAT_IS_HIDDEN = (
    r"(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key"
    r"|signing[_-]?key|credentials?|signature|authorization|cookie)"
)
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"), REDACTED),
    (
        re.compile(
            r"(?i)\b((?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?)"
            r"(?:(?:digest|signature|aws4-hmac-sha256)\b[^\"']*|(?:(?:bearer|basic|token|apikey|negotiate)\s+)?[^\s\"',;]+)"
        ),
        rf"\1{REDACTED}",
    ),
    (re.compile(r"(?i)\b((?:set-)?cookie\s*:\s*).+"), rf"\1{REDACTED}"),
    (re.compile(r"(?i)\b(bearer\s+)[\w.~+/=-]{6,}"), rf"\1{REDACTED}"),
    (
        re.compile(
            rf"(?i)(?<![\w.-])([\w.-]*?{_NAMES_OF_WHAT_IS_HIDDEN}(?:_?(?:id|value))?[\"']?\s*(?:=>|:=|[:=])\s*(?:[bu](?=[\"']))?)(?!\[redacted\])"
            r"(\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|[^\s,;&\"')\]}]+)"
        ),
        rf"\1{REDACTED}",
    ),
    (
        re.compile(
            r"(?i)([?&](?:x-amz-(?:signature|credential|security-token)|awsaccesskeyid|sig|key|code)=)[^&\s\"'<>]+"
        ),
        rf"\1{REDACTED}",
    ),
    (re.compile(r"(?i)(://)[^\s/@:]*:[^\s/@]+@"), rf"\1{REDACTED}@"),
    (re.compile(r"\beyJ[\w-]{4,}\.[\w-]{4,}(?:\.[\w-]*)*"), REDACTED),
    (re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}"), REDACTED),
    (
        re.compile(
            r"\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|sk-|sk_live_|rk_live_|npm_|AIza|SG\.)[\w.-]{10,}"
        ),
        REDACTED,
    ),
    (re.compile(r"(?i)(hooks\.slack\.com/(?:services|workflows)/)[\w/]+"), rf"\1{REDACTED}"),
    (
        re.compile(
            r"(?<![\w/+-])(?=[a-zA-Z+/]*\d)(?=[\da-z+/]*[A-Z])(?=[\dA-Z+/]*[a-z])[A-Za-z0-9+]{2}[A-Za-z0-9+/]{58,}={0,2}"
        ),
        REDACTED,
    ),
)


def redact(text: str) -> str:
    """`text` with passwords, tokens, keys and signatures replaced by [redacted]."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def showable(raw: bytes, limit: int) -> str:
    """A piece of a log as text to show: UTF-8 (else Latin-1), cleaned, redacted, at most `limit` characters."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        # A cut inside a character at the end is no sign of another encoding.
        at_end = error.start >= len(raw) - 3
        text = raw[: error.start].decode() if at_end else raw.decode("cp1252", "replace")
    return clean(redact(clean(text, _EXAMINED_CHARACTERS)), limit)
