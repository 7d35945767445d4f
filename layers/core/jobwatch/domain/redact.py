"""Secrets taken out of text from outside: logs, and what vendors say.

What there is to hide is taken from gitleaks (config/gitleaks.toml: names of values, prefixes of tokens, curl's options,
webhook addresses) and detect-secrets (basic auth in addresses). Those search code, so a miss there is found by the
next; here what is shown is sent out, so a name such as `password` is enough, whatever the value looks like, unless the
value is plain words: "password: must not be empty" is what people have to read.

Every pattern is linear: no unbounded repeat begins anew inside the run of another.
"""

import re
from collections.abc import Callable

from jobwatch.domain.secret_shapes import LONG_WORD, PRIVATE_KEYS, RANDOM, TOKENS, WEBHOOKS

REDACTED = "[redacted]"

_NAMES = (
    r"(?:pass(?:word|wd|phrase|code)|pwd|passw|(?<![a-z])pass"
    r"|(?<!\d:)secret(?:[_-]?(?:id|value))?"
    r"|(?<!nexpected )token(?:[_-]?value)?"
    r"|(?:api|access|account|secret|private|signing|encryption|decryption|master|shared|subscription|auth|service"
    r"|storage|license|app|admin|deploy|ssh|hmac|aes|webhook|functions?|host|consumer|integration)"
    r"[ _-]?key(?:[_-]?(?:id|value))?"
    r"|credentials?|creds|signature|authorization|cookie|(?<![a-z])(?:sig|auth|otp|totp|sas|jwt|psk)|bearer|nonce"
    r"|(?:js|php|asp)sess(?:ion)?id|sessionid|csrf|xsrf"
    r"|pass(?:wort|word)|kennwort|mot[ _]de[ _]passe|contrase[nñ]a|senha|wachtwoord|has[lł]o|parola|l[öo]senord"
    r"|пароль|密[码碼]|口令|パスワード|비밀번호)"
)
_NAME = re.compile(_NAMES)
_HINTS = (
    *("pass", "pwd", "secret", "token", "key", "cred", "signature", "authorization", "cookie", "sig", "auth", "otp"),
    *("sas", "jwt", "psk", "bearer", "nonce", "sess", "csrf", "xsrf", "kennwort", "contrase", "senha", "wachtwoord"),
    *("hasł", "hasl", "parola", "senord", "парол", "密", "口令", "パスワード", "비밀"),
)
"""One of them stands in every name; looking for them first makes most texts cost next to nothing."""
_QUOTE = r"(?:\\{0,7}[\"'`]|&quot;|&#3[49];|%22|%27|\\u002[27])"
_GAP = r"[ \t]{0,8}"
_SEPARATOR = (
    rf"{_QUOTE}?[\])]?{_GAP}(?:=>|:=|={{1,2}}|:{{1,2}}|：|%3[AaDd]|-&gt;|->){_GAP}\[?"  # name = value, in any quotes
    rf"|{_QUOTE}{_GAP},{_GAP}{_QUOTE}(?:value|val|v|data){_QUOTE}{_GAP}[:=]{_GAP}"  # {"name": …, "value": …}
    rf"|{_QUOTE}\s{{1,8}}value{_GAP}={_GAP}"  # <add key="password" value="…"/>
    rf"|(?:\s[^<>]{{0,80}})?(?:>|&gt;)(?=[^<&\s])"  # <password>…</password>
)
_PLAIN = r"(?:[^\s,;&\"'`<>)\]}|\\]|[,;&](?!\s|$|[\w.\[\]-]{1,60}\s?[=:])|\\(?![nrt\"'`]))"
_ENCODED_END = "%26|%22|%2[Cc]|%7[Dd]"
_NAMED = re.compile(
    rf"(?i)(?P<name>{_NAMES})(?P<between>{_SEPARATOR})"
    rf"(?P<scheme>{_QUOTE}?(?:bearer|basic|token|apikey|api-key|negotiate|digest|key)[ :]{_GAP})?"
    rf"(?:[bu](?=[\"']))?(?:(?P<quote>{_QUOTE})(?P<quoted>(?:\\.|[^\\])*?)(?:(?=(?P=quote))|$)"
    rf"|(?P<encoded>(?:(?!{_ENCODED_END})[^\s&\"'<>;,])+(?={_ENCODED_END}))|(?P<plain>{_PLAIN}++))"
)
_OPTION = re.compile(
    rf"(?i)(?P<name>(?<![\w-])(?:--?|/)[\w-]{{0,40}}?{_NAMES})(?P<between>[ \t]{{1,8}})"
    rf"(?:(?P<quote>[\"'])(?P<quoted>[^\"']*+)|(?P<plain>(?!-)[^\s\"',;)\]}}]++))"
)
_SPOKEN = re.compile(
    r"(?i)\b(?P<name>(?:password|passwd|passphrase|pwd|passwort|kennwort|token|api[ _-]?key)(?: (?:is|was|of|ist))?)"
    r"(?P<between>\s)"
    r"(?:(?P<quote>[\"'`])(?P<quoted>[^\"'`]*+)(?=[\"'`])|(?P<plain>[^\s\"',;)\]}:]++))"
)
_SQL = re.compile(r"(?i)(\b(?:identified by|password|with password)\s{1,4})'[^']*+'")
_HEADER = re.compile(
    r"(?i)\b((?:set-)?cookie2?[\"']?\s?:\s?\[?)(?!\s?\[?(?:redacted|is|not|was|has|missing|expired|must)\b).*"
)
_AUTHORIZATION = re.compile(
    r"(?i)(authorization\\*[\"']?\s?[:=]\s?\[?\\*[\"']?\s?(?:digest|signature|aws4-[\w-]+|hawk|oauth|ntlm)\s)[^\n]*+"
)
_SCHEME = re.compile(r"(?i)\b(bearer|basic|negotiate)(\s+|%20)(?!realm=)([\w.~+/=-]{6,}+)")
_USER_INFO = re.compile(r"(://|:\\/\\/)([^\s/?#\"'<>\\]+)(@)|(%3[Aa]%2[Ff]%2[Ff])([\w.~+-]*(?:%3[Aa][\w.~+-]*)?)(%40)")
_OPTIONS = r"[^|\n]{0,200}?\s"
_COMMANDS: tuple[re.Pattern[str], ...] = (
    re.compile(rf"(?i)(\b(?:curl|wget|https?|xh)\b{_OPTIONS}(?:-u|-a|--(?:proxy-)?user|--auth)[ =]?[\"']?)([^\s\"']+)"),
    re.compile(rf"(?i)(\b(?:sshpass|(?:docker|az|podman) login|mongo\w*|rclone)\b{_OPTIONS}-p[ =]?[\"']?)([^\s\"']+)"),
    re.compile(rf"(?i)(\b(?:mysql|mariadb)\w*\b{_OPTIONS}-p[\"']?)([^\s\"']+)"),
    re.compile(rf"(?i)(\b(?:redis-cli|ldap\w+|smbclient|net use)\b{_OPTIONS}-[aw] ?[\"']?)([^\s\"']+)"),
    re.compile(rf"(?i)(\b(?:sqlplus|sqlldr|impdp|expdp|rman)\b{_OPTIONS}[\w.]+/)([^\s@\"']+)(?=@|\s|$)"),
    re.compile(r"(?i)(\b[\w.-]+:)([^\s@/:]+)(?=@(?:tcp|udp|unix)\()"),
)  # fmt: skip
_PARAMETERS = re.compile(
    r"(?i)([?&;](?:x-(?:amz|goog)-(?:signature|credential|security-token)|awsaccesskeyid|googleaccessid|sig|sign|st|code"
    r"|key|k|t|hash|ticket|assertion|saml\w{0,12}|id_token|state)=)([^&\s\"'<>]+)"
)
_ALWAYS_HIDDEN_PARAMETERS = re.compile(r"(?i)[?&;](?:x-|aws|google|sig=|assertion|saml|id_token)")
_NO_SECRETS = re.compile(
    r"(?i)[*•●x#.…?_-]+|\d{1,3}|null|nil|none|undefined|true|false|yes|no|on|off|empty|unset|n/?a|\[?redacted\]?"
    r"|<[\w -]*>|\$\{?[\w.]+\}?|%s|\{\w*\}|[({\[].{0,1}"
)
_SAID = """
a about absent accepted access across after again all already also an and any are argument as at attempt attempts
authentication authorization bad be been before being belongs blank but by can cannot can't changed character
characters check command contains content could couldn't could't created credential credentials data decode decoding
deleted denied deprecated did didn't digest disabled does doesn't due enabled encoding ended entered error errors
exceeded exceeds exists expected expiration expired expires failed failure field fields file for forbidden format
found from given had has have header here http if illegal in incorrect information insufficient invalid is isn't it
its key keys left length less letters limit locked login long longer lookup loaded malformed match matches max may
maximum min minimum mismatch mismatched missing more must name need needed needs never new no not nothing object of
off ok old on one only option or out parameter parsing password permission please policy present problem property
provide provided read received refresh refreshed refused rejected reload removed renewed replaced request required
requires reset resource response retry retrying returned revoked rotated rotation scope secret see server set should
shouldn't size so something status still store string such supplied syntax than that the their then there this to
token tokens too type unauthorized unable unavailable undefined unexpected unknown unreadable unrecognized unset
unsupported until updated use used user using valid validation value values verification verified verify version was
wasn't were when which will with within without wrong you your benötigt darf erforderlich fehlt falsch ist kann leer
muss nicht ungültig wurde est expiré invalide manquant ne pas requis caducado es incorrecta inválida obligatorio debe
deve errata mancante non scaduto scaduta è
"""
"""What follows a name and a colon in a sentence, and is nobody's password."""
_WORDS = frozenset(_SAID.split())
_LOOSE_NAMES = re.compile(
    r"(?i)signature|credentials?|creds|(?:host|service|app|admin|integration|storage)[ _-]key|auth|sig|nonce|sas|bearer"
    r"|pass|psk|csrf|xsrf|otp|totp|cookie"
)
"""Words that also begin sentences and lists: behind them and a colon, only what is no word at all is hidden."""
_RESULTS = frozenset({"ok", "OK", "failed", "FAILED", "passed", "PASSED", "pass", "PASS", "fail", "FAIL"})
_LETTERS = re.compile(r"[^\W\d_]+(?:'[a-z]{1,2})?")
_MIXED = re.compile(r"(?=[^a-zA-Z]*[a-zA-Z])(?=\D*\d)")


def redact(text: str) -> str:
    """`text` with passwords, tokens, keys and signatures replaced by [redacted]."""
    lowered = text.lower()
    for hints, rule in _RULES:
        if any(hint in lowered for hint in hints):
            text = rule(text)
    if any(hint in lowered for hint in _HINTS) and _NAME.search(lowered):
        for pattern, hide in _BY_NAME:
            text = pattern.sub(hide, text)
    if LONG_WORD.search(text):
        text = RANDOM.sub(REDACTED, TOKENS.sub(REDACTED, text))
    return text


def _is_said(value: str) -> bool:
    """Whether a value is plain words, or stands for none."""
    if not value or _NO_SECRETS.fullmatch(value):
        return True
    first = _LETTERS.match(value)
    return (
        first is not None
        and first[0].lower() in _WORDS
        and value[first.end() : first.end() + 1] in ("", " ", ".", ",", "!", ":", ")")
    )


def _looks_random(value: str, least: int) -> bool:
    return len(value) >= least and _MIXED.match(value) is not None


def _value(found: re.Match[str]) -> tuple[str, int]:
    """The value beside a name, and where it begins."""
    group = next(group for group in ("quoted", "plain", "encoded") if found.groupdict().get(group) is not None)
    return found[group], found.start(group)


def _hidden(found: re.Match[str], at: int) -> str:
    return found.string[found.start() : at] + REDACTED


def _hide_named(found: re.Match[str]) -> str:
    value, at = _value(found)
    loose = found["quoted"] is None and (
        found["between"][-1:] in " \t" or _LOOSE_NAMES.fullmatch(found["name"]) is None
    )
    if _is_said(value) or value in _RESULTS:
        return found[0]
    if loose and _LOOSE_NAMES.fullmatch(found["name"]) and not found["scheme"] and not _looks_random(value, 8):
        return found[0]
    return _hidden(found, at)


def _hide_option(found: re.Match[str]) -> str:
    value, at = _value(found)
    return found[0] if _is_said(value) else _hidden(found, at)


def _hide_spoken(found: re.Match[str]) -> str:
    """`password 'x'`, `token 4f3a…`: without a sign between them, only what is quoted or random is a value."""
    value, at = _value(found)
    is_password = not found["name"].lower().startswith(("token", "api"))
    if _is_said(value) or " " in value:
        return found[0]
    if (is_password and found["quoted"] is not None) or _looks_random(value, 6 if is_password else 12):
        return _hidden(found, at)
    return found[0]


def _hide_scheme(found: re.Match[str]) -> str:
    value = found[3]
    plain = value.isalpha() and value[1:].islower() and len(value) < 24
    return found[0] if plain else f"{found[1]}{found[2]}{REDACTED}"


def _hide_user_info(found: re.Match[str]) -> str:
    """The user too: tokens are given as one, and the password may be empty."""
    begin, user, at = (group for group in found.groups() if group is not None)
    scheme = found.string[max(found.start() - 5, 0) : found.start()].lower()
    if user and (scheme.endswith(("http", "https")) or ":" in user or "%3a" in user.lower() or _looks_random(user, 20)):
        return f"{begin}{REDACTED}{at}"
    return found[0]


def _hide_argument(found: re.Match[str]) -> str:
    value = found[2]
    if value.startswith("-") or _is_said(value) or value == REDACTED:
        return found[0]
    user, colon, password = value.partition(":")
    kept = f"{user}:" if colon and password else ""
    return f"{found[1]}{kept}{REDACTED}"


def _hide_parameter(found: re.Match[str]) -> str:
    if _ALWAYS_HIDDEN_PARAMETERS.match(found[1]) or _looks_random(found[2], 12):
        return found[1] + REDACTED
    return found[0]


def _commands(text: str) -> str:
    for command in _COMMANDS:
        text = command.sub(_hide_argument, text)
    return text


def _behind(pattern: re.Pattern[str]) -> Callable[[str], str]:
    return lambda text: pattern.sub(rf"\1{REDACTED}", text)


_RULES: tuple[tuple[tuple[str, ...], Callable[[str], str]], ...] = (
    (("private key",), lambda text: PRIVATE_KEYS.sub(REDACTED, text)),
    (("hook", "ifttt", "telegram", "pagerduty", "hc-ping"), _behind(WEBHOOKS)),
    (("authorization",), _behind(_AUTHORIZATION)),
    (("cookie",), _behind(_HEADER)),
    (("://", ":\\/", "%2f%2f"), lambda text: _USER_INFO.sub(_hide_user_info, text)),
    (
        (
            " -u",
            " -p",
            " -a",
            " -w",
            " --user",
            " --auth",
            " --proxy",
            "@tcp(",
            "@unix(",
            "@udp(",
            "sqlplus",
            "sqlldr",
            "impdp",
            "expdp",
            "rman",
        ),
        _commands,
    ),
    (("bearer", "basic", "negotiate"), lambda text: _SCHEME.sub(_hide_scheme, text)),
    (("?", "&", ";"), lambda text: _PARAMETERS.sub(_hide_parameter, text)),
    (("identified by", "password"), _behind(_SQL)),
)
"""Each with what must stand in the text, in lower case, for it to find anything: most texts need none of them."""
_BY_NAME = ((_NAMED, _hide_named), (_OPTION, _hide_option), (_SPOKEN, _hide_spoken))
