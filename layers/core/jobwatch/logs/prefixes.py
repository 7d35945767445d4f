"""What container runtimes and log services put before the line of a program."""

import re
from typing import NamedTuple

from jobwatch.logs.level_words import LEVEL_OF, STATUS_OF
from jobwatch.logs.special_heads import SYSLOG_SEVERITY

_ISO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"
_BSD = r"[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?"
_HOST_AND_TAG = r"(?:[\w.:-]{1,80} )?[\w./@()-]{1,60}(?:\[[\w.:-]{1,40}\])?: "

_DIGITS = "0123456789"
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_LETTERS = _LOWER + _LOWER.upper()
_PREFIXES = (
    # The container runtime interface (kubelet, containerd, CRI-O): time stream F|P
    (_DIGITS, re.compile(_ISO + r" (?:stdout|stderr) [FP] "), True),
    ("s", re.compile(r"(?:stdout|stderr) [FP] "), False),
    # kubectl logs --prefix, stern, docker compose, docker service logs, foreman
    ("[p", re.compile(r"\[?pods?/[\w./-]{1,200}\]? (?:\| )?"), False),
    (_LETTERS, re.compile(r"[A-Za-z][\w.@-]{0,100}[._-]\d+ {0,40}\| ?"), False),
    (_DIGITS, re.compile(r"\d\d:\d\d:\d\d [\w.-]{1,60} +\| "), True),
    (_LOWER, re.compile(r"[a-z][\w.-]{1,60} {1,40}\| "), False),
    (
        _LOWER + _DIGITS,
        re.compile(r"[a-z0-9.-]{1,60}-[a-z0-9]{5,10}-[a-z0-9]{5} [a-z][a-z0-9-]{0,40} (?=[\[{\d<A-Z])"),
        False,
    ),
    # RFC 5424: <priority>1 time host app process message-id structured-data
    (
        "<",
        re.compile(
            r"<(?P<priority>\d{1,3})>1 \S+ \S+ \S+ \S+ \S+ (?:-|(?:\[(?:[^\]\"\\]|\"(?:[^\"\\]"
            r"|\\.)*\")*\])+) ?(?:\ufeff)?"
        ),
        True,
    ),
    # RFC 3164, with and without its priority; journalctl -o short-iso
    ("<", re.compile(r"<(?P<priority>\d{1,3})>(?:" + _BSD + " " + _HOST_AND_TAG + ")?"), True),
    (_LETTERS, re.compile(_BSD + " " + _HOST_AND_TAG), True),
    (_DIGITS, re.compile(_ISO + r" [\w.-]{1,80} [\w./@-]{1,60}\[[\w.:-]{1,40}\]: "), True),
    # Heroku's router and Cloud Foundry: time app[web.1]:  / time [APP/PROC/WEB/0] OUT
    (_DIGITS, re.compile(_ISO + r" [\w-]{1,40}\[[\w.-]{1,60}\]: "), True),
    (_DIGITS, re.compile(_ISO + r" \[[A-Z]+/[\w/-]+\] (?:OUT|ERR) "), True),
    # GitHub's and GitLab's job logs: the runner's time before a command's own line
    (_DIGITS, re.compile(_ISO + r" (?=(?:##\[|::(?:error|warning|notice)|##vso))"), True),
    (_DIGITS, re.compile(_ISO + r" \d\d[OE][+ ]?"), True),
    # AWS: log stream names before a line (aws logs tail), and Terraform's frame
    (_DIGITS, re.compile(_ISO + r" [\w./-]{0,100}\d{4}/\d\d/\d\d/\[[^\]\n]{1,30}\][0-9a-f]{16,40} "), True),
    ("│╷╵┃", re.compile(r"[│╷╵┃] ?"), False),
)
_BY_FIRST = {
    sign: tuple((pattern, timed) for first, pattern, timed in _PREFIXES if sign in first)
    for sign in {sign for first, _, _ in _PREFIXES for sign in first}
}
_MAYBE = re.compile(
    r"[^|\n]{1,110}\||[a-z0-9.]+-[a-z0-9.-]+ [a-z]|[A-Z][a-z]{2} [ \d]\d |\d{4}-\d\d-\d\dT[^ ]{8,30} "
    r"|\d\d:\d\d:\d\d [\w.-]{1,60} +\||[^A-Za-z\d]|stdout|stderr|pods?/"
)
"""What a line with a prefix begins with; most lines do not, and are spared a dozen patterns."""
_MOST = 4


class Prefix(NamedTuple):
    """What stands before a program's own line."""

    end: int
    timed: bool
    level: str | None
    """The level that a syslog priority states, for a line that states none of its own."""


def prefix_of(text: str) -> Prefix:
    """The prefixes of a line, one after the other; of a plain line an empty one."""
    end, timed, level = 0, False, None
    for _ in range(_MOST):
        if not _MAYBE.match(text, end):
            break
        for pattern, has_time in _BY_FIRST.get(text[end : end + 1], ()):
            found = pattern.match(text, end)
            if found is None or found.end() == end:
                continue
            name = found[0].strip(" |:").rsplit(None, 1)[-1].lower() if found[0].strip(" |:") else ""
            if name in LEVEL_OF or name in STATUS_OF:
                continue
            if "priority" in pattern.groupindex:
                if int(found["priority"]) > 191:
                    continue
                level = SYSLOG_SEVERITY[int(found["priority"]) & 7]
            end, timed = found.end(), timed or has_time
            break
        else:
            break
    return Prefix(end, timed, level)
