"""Heads of logs whose level is no word of its own: one entry a format, each with the place that describes it."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from jobwatch.logs.level_words import DEBUG, ERROR, FATAL, INFO, LETTERS, LEVEL_OF, TRACE, WARNING

SYSLOG_SEVERITY = (FATAL, FATAL, FATAL, ERROR, WARNING, INFO, INFO, DEBUG)
"""RFC 5424, section 6.2.1."""


class SpecialHead(NamedTuple):
    """See heads.Head."""

    level: str | None
    start: int
    end: int
    timed: bool
    message: str | None = None
    waits: bool = False


@dataclass(frozen=True)
class _Format:
    """`pattern` has the group `level` or a fixed `level`; what follows the match is the message."""

    pattern: re.Pattern[str]
    levels: dict[str, str] | str
    timed: bool = True
    waits: bool = False
    whole: bool = False
    """Whether the message is the whole line."""
    first: str = ""
    """The characters that such a line can begin with."""


_SEVERITY_NAMES = {name: level for name, level in LEVEL_OF.items() if name.isascii()}
_NUMBERED = {str(number): level for number, level in enumerate(SYSLOG_SEVERITY)}
_ANY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ./\\"
_FORMATS: tuple[_Format, ...] = (
    # glog and klog: https://github.com/kubernetes/klog (Lmmdd hh:mm:ss.uuuuuu threadid file:line] msg), with a year too
    _Format(
        re.compile(r"(?P<level>[FEWIC])\d{4}(?:\d{4})? \d\d:\d\d:\d\d(?:\.\d+)? +(?:\d+ )?[^\s\]]*\] ?"),
        LETTERS,
        first="FEWIC",
    ),
    # logcat, its formats threadtime, time, brief, tag and process: https://developer.android.com/tools/logcat
    _Format(
        re.compile(r"(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d+ +\d+ +\d+ (?P<level>[FEWIDV]) [^:\n]{0,100}?: ?"),
        LETTERS,
        first="0123456789",
    ),
    _Format(
        re.compile(
            r"(?:(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d+ +)?(?P<level>[FEWIDV])/[^:\n]{0,100}?(?:\( *\d+\))?: ?"
        ),
        LETTERS,
        timed=False,
        first="FEWIDV0123456789",
    ),
    _Format(re.compile(r"(?P<level>[FEWIDV])\( *\d+\) ?"), LETTERS, timed=False, first="FEWIDV"),
    # Ruby's Logger: https://docs.ruby-lang.org/en/master/Logger/Formatter.html
    _Format(
        re.compile(r"[A-Z], \[[^\]\n]{8,60}\] +(?P<level>[A-Z]{3,7}) -- [^:\n]{0,100}: ?"),
        _SEVERITY_NAMES,
        first="ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    ),
    # Tornado and Jupyter: [E 260506 07:00:00 web:1] msg
    _Format(re.compile(r"\[(?P<level>[FEWIDC]) [\d:. -]{8,30}[^\]\n]{0,100}\] ?"), LETTERS, first="["),
    # Redis: pid:role time mark message
    _Format(
        re.compile(r"\d+:[XCSM] \d\d \w{3} \d{4} [\d:.]+ (?P<level>[.\-*#]) "),
        {".": DEBUG, "-": DEBUG, "*": INFO, "#": WARNING},
        first="0123456789",
    ),
    # Erlang's reports; their text follows on the next lines.
    _Format(
        re.compile(r"=(?P<level>ERROR|CRASH|SUPERVISOR|WARNING|INFO|PROGRESS|NOTICE|CRITICAL|DEBUG) REPORT=+[^\n]*"),
        {
            "ERROR": ERROR,
            "CRASH": ERROR,
            "SUPERVISOR": ERROR,
            "WARNING": WARNING,
            "INFO": INFO,
            "PROGRESS": INFO,
            "NOTICE": INFO,
            "CRITICAL": FATAL,
            "DEBUG": DEBUG,
        },
        waits=True,
        first="=",
    ),
    # GitHub Actions and Azure Pipelines
    _Format(
        re.compile(r"::(?P<level>error|warning|notice|debug)(?: [^\n:]{0,400}(?::[^:\n ][^\n:]{0,200})*)?::"),
        _SEVERITY_NAMES,
        timed=False,
        first=":",
    ),
    _Format(re.compile(r"##\[(?P<level>error|warning|debug)\] ?"), _SEVERITY_NAMES, timed=False, first="#"),
    _Format(
        re.compile(r"##vso\[task\.logissue[^\]\n]*?\btype=(?P<level>error|warning)[^\]\n]*\] ?"),
        _SEVERITY_NAMES,
        timed=False,
        first="#",
    ),
    # SQL Server's error log and sqlcmd: the text follows on the next line. Severity 10 and below informs:
    # https://learn.microsoft.com/en-us/sql/relational-databases/errors-events/database-engine-error-severities
    _Format(
        re.compile(
            r"(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ +\S+ +)?Error: \d+, Severity: (?P<level>\d+), State: \d+\.?[^\n]*"
        ),
        {
            **{str(n): INFO for n in range(11)},
            **{str(n): ERROR for n in range(11, 20)},
            **{str(n): FATAL for n in range(20, 26)},
        },
        waits=True,
        whole=True,
        first="E0123456789",
    ),
    _Format(
        re.compile(r"Msg \d+, Level (?P<level>\d+), State \d+[^\n]*"),
        {
            **{str(n): INFO for n in range(11)},
            **{str(n): ERROR for n in range(11, 20)},
            **{str(n): FATAL for n in range(20, 26)},
        },
        timed=False,
        waits=True,
        whole=True,
        first="M",
    ),
    # Oracle's tools: ORA-00001: unique constraint … ; of RMAN, SQL*Loader, Data Pump, PL/SQL too. ORA-00000 is success.
    _Format(
        re.compile(r"(?:ORA|PLS|TNS|RMAN|IMP|EXP|UDI|UDE|SP2|KUP|LRM)-(?!00000)\d{4,5}: (?=\S)"),
        ERROR,
        timed=False,
        whole=True,
        first="OPTRIUESKL",
    ),
    _Format(re.compile(r"SQL\*Loader-\d+: (?=\S)"), ERROR, timed=False, whole=True, first="S"),
    _Format(re.compile(r"Record \d+: (?:Rejected|Discarded)\b - "), ERROR, timed=False, whole=True, first="R"),
    # the mysql client and make
    _Format(
        re.compile(r"ERROR \d+ \(\w{5}\)(?: at line \d+)?(?: in file: '[^'\n]*')?: "),
        ERROR,
        timed=False,
        whole=True,
        first="E",
    ),
    _Format(re.compile(r"g?make(?:\[\d+\])?: \*\*\* "), ERROR, timed=False, first="gm"),
    # Test Anything Protocol
    _Format(re.compile(r"not ok \d+(?! .*# (?i:todo|skip))\b(?: - )?"), ERROR, timed=False, first="n"),
    _Format(re.compile(r"(?:ok|not ok) \d+ - "), INFO, timed=False, first="no"),
    _Format(re.compile(r"--- FAIL: "), ERROR, timed=False, first="-"),
    # logrus on a terminal: ERRO[0012] msg
    _Format(
        re.compile(r"(?P<level>FATA|ERRO|WARN|INFO|DEBU|TRAC|PANI)\[\d[^\]\n]{0,40}\] ?"),
        _SEVERITY_NAMES,
        first="FEWIDTP",
    ),
    # dmesg -x: facility :level : [time] msg
    _Format(
        re.compile(r"[a-z]{3,8} *:(?P<level>emerg|alert|crit|err|warn|notice|info|debug) *: (?:\[[\d. ]+\] )?"),
        _SEVERITY_NAMES,
        first="abcdefghijklmnopqrstuvwxyz",
    ),
    # npm up to 9 and from 10 on
    _Format(re.compile(r"npm ERR! ?|npm error ?"), ERROR, timed=False, first="n"),
    _Format(re.compile(r"(?:npm|yarn|pnpm) [Ww](?:ARN|arn) ?"), WARNING, timed=False, first="npy"),
    _Format(re.compile(r"\s?ERR_PNPM_\w+\s+"), ERROR, timed=False, whole=True, first="E \t"),
    # sudo-like kernels: systemd's console
    _Format(
        re.compile(r"\[ *(?P<level>FAILED|DEPEND|OK|WARN) *\] "),
        {"FAILED": ERROR, "DEPEND": ERROR, "OK": INFO, "WARN": WARNING},
        timed=False,
        first="[",
    ),
    # Gradle, Maven, dbt
    _Format(re.compile(r"FAILURE: (?=Build failed)"), ERROR, timed=False, first="F"),
    _Format(
        re.compile(r"(?:\d\d:\d\d:\d\d +)?(?:Database|Compilation|Runtime|Parsing|Validation) Error in (?=\w)"),
        ERROR,
        waits=True,
        whole=True,
        first="0123456789DCRPV",
    ),
    _Format(
        re.compile(r"(?:\d\d:\d\d:\d\d +)?Failure in (?=test |model |snapshot |seed )"),
        ERROR,
        waits=True,
        whole=True,
        first="0123456789F",
    ),
)
_FORMATS += (
    # MSBuild and what speaks like it: file(line,column): error CODE: text; kotlinc
    _Format(
        re.compile(r"[^\s()]{1,200}\(\d+(?:,\d+)*\)\s?: (?:fatal )?(?P<level>error|warning) [A-Z]+\d*: "),
        _SEVERITY_NAMES,
        timed=False,
        first=_ANY,
    ),
    _Format(re.compile(r"(?P<level>[ew]): (?=file://|/)"), {"e": ERROR, "w": WARNING}, timed=False, first="ew"),
    _Format(re.compile(r"BUILD FAIL(?:ED|URE)\b"), ERROR, timed=False, whole=True, first="B"),
    _Format(re.compile(r"yarn error "), ERROR, timed=False, first="y"),
)
_BY_FIRST = {
    sign: tuple(form for form in _FORMATS if sign in form.first)
    for sign in {s for form in _FORMATS for s in form.first}
}
_NONE: tuple[_Format, ...] = ()
_CMTRACE = re.compile(r"<!\[LOG\[(?P<text>[\s\S]*?)\]LOG\]!>[^\n]*?\btype=\"(?P<level>\d)\"")
_CMTRACE_LEVEL = {"0": INFO, "1": INFO, "2": WARNING, "3": ERROR, "4": DEBUG, "5": TRACE}


def special_head(text: str) -> SpecialHead | None:
    """The head of a line in one of the formats; None for any other line."""
    if text.startswith("<![LOG[") and (found := _CMTRACE.match(text)):
        return SpecialHead(_CMTRACE_LEVEL.get(found["level"]), -1, 0, True, found["text"].strip())
    for form in _BY_FIRST.get(text[:1], _NONE):
        found = form.pattern.match(text)
        if found is None:
            continue
        if isinstance(form.levels, str):
            level, start = form.levels, -1
        else:
            level, start = form.levels.get(found["level"], form.levels.get(found["level"].lower(), "")), -1
        if level:
            return SpecialHead(level, start, found.end(), form.timed, text if form.whole else None, form.waits)
    return None
