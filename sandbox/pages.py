"""What readers see of a notification, as web pages: Slack at two widths, a mail and a lock screen on a phone, an SMS.

Slack's blocks are drawn as `sandbox.slack_view` takes them apart, in Slack's light theme; a date element is
drawn in the zone given, as each reader's client does.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from html import escape
from typing import Any

_STYLE = """
* { box-sizing: border-box; }
body { margin: 0; padding: 24px; background: #e9ebee; color: #1d1c1d; width: max-content;
  font: 15px/1.46 Lato, "Noto Sans", "DejaVu Sans", "Noto Color Emoji", sans-serif; }
h1 { font-size: 13px; font-weight: 600; color: #667; margin: 0 0 12px; }
h2 { font-size: 11px; font-weight: 600; color: #889; margin: 0 0 6px; text-transform: uppercase; letter-spacing: 1px; }
.row { display: flex; gap: 24px; align-items: flex-start; }
.column { display: flex; flex-direction: column; gap: 20px; }
.pane { background: #fff; border-radius: 10px; box-shadow: 0 1px 3px #0002; padding: 14px 18px;
  overflow-wrap: anywhere; }
.desktop { width: 680px; } .phone { width: 375px; }
.app { display: flex; gap: 10px; } .icon { flex: none; width: 36px; height: 36px; border-radius: 6px; background: #2b5 }
.name { font-weight: 800; } .name small { font-weight: 400; color: #667; margin-left: 6px; }
.header { font-size: 18px; font-weight: 800; line-height: 1.35; margin: 4px 0; }
.phone .header { font-size: 17px; }
.section { white-space: pre-wrap; margin: 6px 0 0; } ul { margin: 2px 0 0; padding-left: 22px; }
.context { color: #616061; font-size: 12.5px; margin: 3px 0 0; } a { color: #1264a3; text-decoration: none; }
.context:first-of-type { margin-top: 8px; }
.subject { font-size: 17px; font-weight: 700; } .from { color: #667; font-size: 13px; border-bottom: 1px solid #dde;
  padding-bottom: 8px; margin-bottom: 8px; } .mail pre { font: inherit; white-space: pre-wrap; margin: 0; }
.lock { background: linear-gradient(#334a6b, #6d86a8); border-radius: 18px; padding: 14px; }
.note { background: #f6f7f9ee; border-radius: 14px; padding: 10px 12px; margin-bottom: 8px;
  font-size: 13.5px; line-height: 1.35; }
.note b { display: block; font-size: 12px; color: #555; }
.four { display: -webkit-box; -webkit-line-clamp: 4; -webkit-box-orient: vertical; overflow: hidden; }
.two { display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; }
.sms { background: #e5e5ea; border-radius: 16px; padding: 9px 13px; }
"""
_DATE = re.compile(r"<!date\^(\d+)\^([^|^]*)(?:\^[^|]*)?\|([^>]*)>")


def sheet(title: str, slack: Mapping[str, Any], subject: str, mail: str, sms: str, zone: tzinfo) -> str:
    """One page with every form of a notification. `slack`: the message; `sms`: with its sender's prefix."""
    desktop, phone = (
        f'<div><h2>Slack, {name}</h2><div class="pane {name}">{_message(slack, zone)}</div></div>'
        for name in ("desktop", "phone")
    )
    text = escape(_unescaped(slack["text"]))
    first = escape(" ".join(mail.split())[:300])
    lock = (
        f'<div><h2>Lock screen</h2><div class="lock phone">'
        f'<div class="note"><b>Slack · #jobs</b><span class="four">{text}</span></div>'
        f'<div class="note"><b>Mail · jobwatch</b><strong>{escape(subject)}</strong>'
        f'<span class="two">{first}</span></div>'
        f'<div class="note"><b>Messages · 24273</b><span class="four">{escape(sms)}</span></div></div></div>'
    )
    inbox = (
        f'<div><h2>Mail, phone</h2><div class="pane phone mail"><div class="subject">{escape(subject)}</div>'
        f'<div class="from">jobwatch · to me</div><pre>{_linked(mail)}</pre></div></div>'
    )
    message = f'<div><h2>SMS</h2><div class="phone sms">{escape(sms)}</div></div>'
    return (
        f'<!doctype html><meta charset="utf-8"><style>{_STYLE}</style><h1>{escape(title)}</h1>'
        f'<div class="row"><div class="column">{desktop}{lock}{message}</div>{phone}{inbox}</div>'
    )


def _message(slack: Mapping[str, Any], zone: tzinfo) -> str:
    blocks = "".join(_block(block, zone) for block in slack["blocks"])
    return (
        '<div class="app"><div class="icon"></div><div><div class="name">jobwatch<small>APP</small></div>'
        f"{blocks}</div></div>"
    )


def _block(block: Mapping[str, Any], zone: tzinfo) -> str:
    match block["type"]:
        case "header":
            return f'<div class="header">{escape(block["text"]["text"])}</div>'
        case "context":
            return "".join(f'<div class="context">{_context(element, zone)}</div>' for element in block["elements"])
        case "rich_text":
            return "".join(_group(group, zone) for group in block["elements"])
    raise ValueError(f"no look for a block of type {block['type']}")


def _context(element: Mapping[str, Any], zone: tzinfo) -> str:
    if element["type"] == "plain_text":
        return escape(element["text"])
    parts, at = [], 0
    for match in _DATE.finditer(element["text"]):
        parts.append(escape(element["text"][at : match.start()]))
        parts.append(escape(_date(int(match[1]), match[2], zone)))
        at = match.end()
    return "".join(parts) + escape(element["text"][at:])


def _group(group: Mapping[str, Any], zone: tzinfo) -> str:
    if group["type"] == "rich_text_list":
        items = "".join(f"<li>{''.join(_runs(item['elements'], zone))}</li>" for item in group["elements"])
        return f"<ul>{items}</ul>"
    return f'<div class="section">{"".join(_runs(group["elements"], zone))}</div>'


def _runs(elements: list[dict[str, Any]], zone: tzinfo) -> Iterator[str]:
    for element in elements:
        match element["type"]:
            case "date":
                shown = escape(_date(element["timestamp"], element["format"], zone))
            case "link":
                shown = f'<a href="{escape(element["url"])}">{escape(element.get("text", element["url"]))}</a>'
            case "text":
                shown = escape(element["text"])
            case other:
                raise ValueError(f"no look for an element of type {other}")
        yield f"<strong>{shown}</strong>" if element.get("style", {}).get("bold") else shown


def _date(timestamp: int, form: str, zone: tzinfo) -> str:
    moment = datetime.fromtimestamp(timestamp, zone)
    day = f"{moment:%b} {moment.day}, {moment.year}"
    return form.replace("{date_short_pretty}", day).replace("{time}", f"{moment:%H:%M}")


def _unescaped(text: str) -> str:
    return text.replace("\u2060", "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _linked(text: str) -> str:
    return re.sub(r"(https?://[^\s<]+)", r'<a href="\1">\1</a>', escape(text))
