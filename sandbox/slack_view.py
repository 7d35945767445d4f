"""What a reader of a Slack message sees, what would ping them, and what they could click.

`runs` takes a message apart into what Slack shows; `shown`, `pings`, `links` and `draw` come from it. mrkdwn is read
as docs.slack.dev, "Formatting text for app surfaces", describes it; where that is unsure, as if it fired. So a text
that stands unharmed in `shown(payload)` was neither formatted nor turned into a link, a mention or an emoji.
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True)
class Run:
    """A stretch of a message: `kind` is text, ping, link, emoji, channel or date; `target` is whom or where."""

    text: str
    kind: str = "text"
    target: str = ""
    styles: frozenset[str] = frozenset()


Part = tuple[str, list[Run]]
"""Where in the message (`text`, `header`, `section`, `field`, `context`, `list`, `preformatted`, …), and what."""

_ANGLE = re.compile(r"<([^<>\n]+)>")
_BARE = re.compile(
    r"(?P<link>https?://[^\s<>|]+|mailto:[^\s<>|]+)|(?P<ping>(?<![\w@])@(?:here|channel|everyone)\b)"
    r"|:(?P<emoji>[a-z0-9_+'-]*[a-z+][a-z0-9_+'-]*|-1|100|1234):",
    re.IGNORECASE,
)
_STYLED = re.compile(
    r"```(?P<block>.+?)```|`(?P<code>[^`\n]+)`"
    r"|(?<![\w*])\*(?=\S)(?P<bold>[^*\n]*?[^*\s])\*(?![\w*])"
    r"|(?<![\w_])_(?=\S)(?P<italic>[^_\n]*?[^_\s])_(?![\w_])"
    r"|(?<![\w~])~(?=\S)(?P<strike>[^~\n]*?[^~\s])~(?![\w~])"
    r"|^(?:>|&gt;)(?P<quote>.*)$",
    re.DOTALL | re.MULTILINE,
)


def runs(payload: dict[str, Any]) -> list[Run]:
    """Everything that the message shows, the notification text (`text`) first, as the runs of all its parts."""
    return [run for _, part in parts(payload) for run in part]


def pings(payload: dict[str, Any]) -> list[str]:
    """Whom the message would notify: `@here`, `@U123`, `@S123`; empty for a quiet one."""
    return [run.target for run in runs(payload) if run.kind == "ping"]


def links(payload: dict[str, Any]) -> list[str]:
    """Where the message would lead: every address that can be clicked, buttons and images included."""
    return [run.target for run in runs(payload) if run.kind in ("link", "image")]


def shown(payload: dict[str, Any]) -> str:
    """The text as it is read, without markup, a line per part; an emoji as [emoji name], a mention as [ping @here]."""
    lines = []
    for _, part in parts(payload):
        marked = (f"[{run.kind} {run.target}]" if run.kind in ("ping", "emoji") else run.text for run in part)
        lines.append("".join(marked))
    return "\n".join(lines)


def parts(payload: dict[str, Any]) -> Iterator[Part]:
    """The parts of a message in the order of reading."""
    if payload.get("text"):
        quiet = payload.get("mrkdwn") is False
        yield "text", list(_plain(payload["text"], emoji=True) if quiet else mrkdwn(payload["text"]))
    for block in payload.get("blocks") or []:
        yield from _block(block)
    for attachment in payload.get("attachments") or []:
        for name in ("pretext", "title", "text", "fallback"):
            if attachment.get(name):
                yield "attachment", list(mrkdwn(attachment[name]))
        yield from parts({"blocks": attachment.get("blocks")})


def _block(block: dict[str, Any]) -> Iterator[Part]:
    kind = block["type"]
    if kind in ("header", "section") and "text" in block:
        yield kind, list(_text_object(block["text"]))
    for field in block.get("fields", []):
        yield "field", list(_text_object(field))
    if "accessory" in block:
        yield from _element(block["accessory"])
    if kind == "divider":
        yield "divider", []
    if kind == "image":
        yield from _element(block)
    if kind == "actions":
        for element in block["elements"]:
            yield from _element(element)
    if kind == "context":
        for element in block["elements"]:
            if element["type"] == "image":
                yield from _element(element)
            else:
                yield "context", list(_text_object(element))
    if kind == "rich_text":
        for group in block["elements"]:
            yield from _rich_group(group)


def _element(element: dict[str, Any]) -> Iterator[Part]:
    if element["type"] == "image":
        yield "image", [Run(element["alt_text"], "image", element["image_url"])]
    elif "url" in element:
        yield "button", [Run(element["text"]["text"], "link", element["url"])]
    else:
        yield "button", list(_text_object(element["text"]))


def _rich_group(group: dict[str, Any]) -> Iterator[Part]:
    if group["type"] == "rich_text_list":
        for item in group["elements"]:
            yield "list", [_rich_run(element) for element in item["elements"]]
    else:
        yield group["type"].removeprefix("rich_text_"), [_rich_run(element) for element in group["elements"]]


def _rich_run(element: dict[str, Any]) -> Run:
    styles = frozenset(name for name, on in element.get("style", {}).items() if on)
    kind = element["type"]
    if kind == "link":
        return Run(element.get("text", element["url"]), "link", element["url"], styles)
    if kind in ("user", "usergroup", "broadcast"):
        target = "@" + str(element.get("user_id") or element.get("usergroup_id") or element.get("range"))
        return Run(target, "ping", target, styles)
    if kind == "emoji":
        return Run(f":{element['name']}:", "emoji", element["name"], styles)
    if kind in ("channel", "team"):
        target = "#" + str(element.get("channel_id") or element.get("team_id"))
        return Run(target, "channel", target, styles)
    if kind == "date":
        shown_date = str(element.get("fallback") or element["timestamp"])
        return Run(shown_date, "link" if "url" in element else "date", element.get("url", ""), styles)
    return Run(str(element.get("text", element.get("value", ""))), "text", "", styles)


def _text_object(value: dict[str, Any]) -> Iterable[Run]:
    if value["type"] == "mrkdwn":
        return mrkdwn(value["text"], verbatim=value.get("verbatim", False))
    return _plain(value["text"], emoji=value.get("emoji", True))


def _plain(text: str, *, emoji: bool) -> Iterator[Run]:
    """Plain text: nothing fires but emoji names, unless `emoji` is false. Slack's own stored messages carry true."""
    at = 0
    for match in _BARE.finditer(text) if emoji else ():
        if match["emoji"]:
            yield from _rest(text[at : match.start()])
            yield Run(match[0], "emoji", match["emoji"])
            at = match.end()
    yield from _rest(text[at:])


def mrkdwn(text: str, *, verbatim: bool = False, styles: frozenset[str] = frozenset()) -> Iterator[Run]:
    """The runs of a mrkdwn text. `verbatim` stops bare addresses and @here from firing, nothing else."""
    at = 0
    for match in _STYLED.finditer(text):
        yield from _inline(text[at : match.start()], verbatim, styles)
        style = str(match.lastgroup)
        inner = match[style]
        if style in ("code", "block"):
            yield from _inline(inner, verbatim, styles | {style}, raw=True)
        else:
            yield from mrkdwn(inner, verbatim=verbatim, styles=styles | {style})
        at = match.end()
    yield from _inline(text[at:], verbatim, styles)


def _inline(text: str, verbatim: bool, styles: frozenset[str], *, raw: bool = False) -> Iterator[Run]:
    at = 0
    for match in _ANGLE.finditer(text):
        yield from _bare(text[at : match.start()], verbatim, styles, raw)
        yield _angle(match[1], styles)
        at = match.end()
    yield from _bare(text[at:], verbatim, styles, raw)


def _bare(text: str, verbatim: bool, styles: frozenset[str], raw: bool) -> Iterator[Run]:
    at = 0
    for match in _BARE.finditer(text):
        if (verbatim or raw) and not (match["emoji"] and not raw):
            continue
        yield from _rest(text[at : match.start()], styles)
        if match["link"]:
            yield Run(html.unescape(match["link"]), "link", html.unescape(match["link"]), styles)
        elif match["ping"]:
            yield Run(match["ping"], "ping", match["ping"], styles)
        else:
            yield Run(match[0], "emoji", match["emoji"], styles)
        at = match.end()
    yield from _rest(text[at:], styles)


def _angle(inner: str, styles: frozenset[str]) -> Run:
    target, _, label = inner.partition("|")
    label = html.unescape(label)
    if target.startswith("!date^"):
        fallback = label or target
        url = target.split("^")[3] if target.count("^") >= 3 else ""
        return Run(fallback, "link" if url else "date", url, styles)
    if target.startswith("!"):
        return Run(f"@{label or target[1:]}", "ping", "@" + target[1:].removeprefix("subteam^"), styles)
    if target.startswith("@"):
        return Run(f"@{label or target[1:]}", "ping", target, styles)
    if target.startswith("#"):
        return Run(f"#{label or target[1:]}", "channel", target, styles)
    return Run(label or html.unescape(target), "link", html.unescape(target), styles)


def _rest(text: str, styles: frozenset[str] = frozenset()) -> Iterator[Run]:
    if text:
        yield Run(html.unescape(text) if "&" in text else text, styles=styles)


_LOOK = {"bold": "bold", "italic": "italic", "strike": "strike", "code": "red on grey15", "block": "grey85 on grey15"}
_KIND = {
    "ping": "bold white on red",
    "link": "bold underline bright_blue",
    "image": "bold underline bright_blue",
    "emoji": "bold black on yellow",
    "channel": "bold magenta",
}


def draw(payload: dict[str, Any], *, title: str = "Slack") -> RenderableType:
    """The message for a terminal; a mention, a link and an emoji are drawn so that nobody overlooks them."""
    drawn: list[RenderableType] = []
    fields: list[RenderableType] = []
    has_blocks = bool(payload.get("blocks"))
    for where, part in parts(payload):
        if where == "field":
            fields.append(_drawn(part))
            continue
        if fields:
            drawn.append(_two_columns(fields))
            fields = []
        if where == "text" and has_blocks:  # shown in the notification only, never beside blocks
            drawn.append(Text.assemble(("notification: ", "dim"), _drawn(part)))
        elif where == "divider":
            drawn.append(Rule(style="grey37"))
        else:
            drawn.append(_placed(where, part))
    if fields:
        drawn.append(_two_columns(fields))
    return Panel(Group(*drawn), title=title, title_align="left", border_style="medium_purple3")


def print_message(payload: dict[str, Any], console: Console | None = None) -> None:
    """Draw the message on a console, the standard one by default."""
    (console or Console()).print(draw(payload))


def _placed(where: str, part: list[Run]) -> RenderableType:
    text = _drawn(part)
    if where == "header":
        text.stylize("bold", 0, len(text))
    if where == "context":
        text.stylize("dim", 0, len(text))
    if where == "list":
        bullet = Table.grid(padding=(0, 1))
        bullet.add_row(Text("  •"), text)
        return bullet
    if where == "quote":
        return Text.assemble(("▌ ", "grey50"), text)
    if where == "preformatted":
        return Panel(text, border_style="grey37")
    if where == "button":
        return Text.assemble("[ ", text, " ]")
    return text


def _two_columns(fields: list[RenderableType]) -> Table:
    table = Table.grid(padding=(0, 3), expand=True)
    table.add_column(ratio=1)
    table.add_column(ratio=1)
    for index in range(0, len(fields), 2):
        pair = fields[index : index + 2]
        table.add_row(*pair, *[""] * (2 - len(pair)))
    return table


def _drawn(part: list[Run]) -> Text:
    text = Text()
    for run in part:
        look = " ".join([*(_LOOK.get(style, "") for style in sorted(run.styles)), _KIND.get(run.kind, "")]).strip()
        text.append(f"⚠ PING {run.target} " if run.kind == "ping" else run.text, look or None)
        if run.kind in ("link", "image") and run.target != run.text:
            text.append(f" → {run.target}", "bright_blue")
    return text
