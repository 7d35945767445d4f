"""What Slack refuses: the published limits and shapes of Block Kit for messages.

Sources: docs.slack.dev/reference/block-kit (blocks, block elements, composition objects) and chat.postMessage. Each
fault is told as Slack tells it in `response_metadata.messages`: a text and a JSON pointer. Where Slack's documents are
silent the sandbox is the stricter of the possible two; README.md lists those places.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

MAX_BLOCKS = 50
MAX_TEXT = 40_000
# No document names this limit of all blocks together. Senders met msg_blocks_too_long at 13,297 characters
# (github.com/slackapi/bolt-js/issues/2509) and, with many small blocks, at 11,341 (…/2867): the lower one counts.
MAX_BLOCK_TEXT = 11_300

_Check = Iterator[str]
_STYLES = {"bold", "italic", "strike", "code", "underline"}


def faults(payload: dict[str, Any]) -> list[str]:
    """Everything that is wrong with the blocks of a message, in Slack's words; empty where it would be accepted."""
    return list(_blocks(payload["blocks"])) if payload.get("blocks") is not None else []


def block_text_length(blocks: Any) -> int:
    """How many characters of text the blocks carry together, every `text`, `url` and `name` counted."""
    if isinstance(blocks, list):
        return sum(block_text_length(block) for block in blocks)
    if isinstance(blocks, dict):
        own = sum(len(value) for key, value in blocks.items() if key in _COUNTED and isinstance(value, str))
        return own + sum(block_text_length(value) for value in blocks.values() if isinstance(value, dict | list))
    return 0


_COUNTED = {"text", "url", "name", "alt_text", "image_url", "title"}


def _fault(text: str, at: str) -> str:
    return f"[ERROR] {text} [json-pointer:{at}]"


def _blocks(blocks: Any) -> _Check:
    if not isinstance(blocks, list):
        yield _fault("must be an array", "/blocks")
        return
    if len(blocks) > MAX_BLOCKS:
        yield _fault(f"no more than {MAX_BLOCKS} items allowed", "/blocks")
    ids = [block["block_id"] for block in blocks if isinstance(block, dict) and "block_id" in block]
    if len(ids) != len(set(ids)):
        yield _fault("block_id must be unique", "/blocks")
    for index, block in enumerate(blocks):
        at = f"/blocks/{index}"
        check = _BLOCKS.get(block.get("type")) if isinstance(block, dict) else None
        if check is None:
            yield _fault(f"unsupported type: {block.get('type') if isinstance(block, dict) else block}", f"{at}/type")
            continue
        if "block_id" in block:
            yield from _string(block, "block_id", at, 255)
        yield from check(block, at)


def _fields(value: dict[str, Any], at: str, required: str, optional: str = "") -> _Check:
    allowed = {"type", *required.split(), *optional.split()}
    for name in required.split():
        if name not in value:
            yield _fault(f"missing required field: {name}", at)
    for name in value:
        if name not in allowed:
            yield _fault(f"unknown field: {name}", f"{at}/{name}")


def _string(value: dict[str, Any], name: str, at: str, most: int) -> _Check:
    text = value.get(name)
    if not isinstance(text, str):
        yield _fault("must provide a string", f"{at}/{name}")
    elif not text.strip():
        yield _fault("must be more than 0 characters", f"{at}/{name}")
    elif len(text) > most:
        yield _fault(f"must be less than {most + 1} characters", f"{at}/{name}")


def _text(value: Any, at: str, most: int, *, only_plain: bool = False) -> _Check:
    if not isinstance(value, dict):
        yield _fault("must provide an object", at)
        return
    kind = value.get("type")
    if kind not in ("plain_text", "mrkdwn") or (only_plain and kind != "plain_text"):
        yield _fault(f"unsupported type: {kind}", f"{at}/type")
        return
    yield from _fields(value, at, "text", "emoji" if kind == "plain_text" else "verbatim")
    yield from _string(value, "text", at, most)


def _list(
    value: dict[str, Any], name: str, at: str, most: int | None, check: Callable[[Any, str], _Check], least: int = 1
) -> _Check:
    items = value.get(name)
    if not isinstance(items, list):
        yield _fault("must provide an array", f"{at}/{name}")
        return
    if len(items) < least:
        yield _fault(f"no fewer than {least} items allowed", f"{at}/{name}")
    if most is not None and len(items) > most:
        yield _fault(f"no more than {most} items allowed", f"{at}/{name}")
    for index, item in enumerate(items):
        yield from check(item, f"{at}/{name}/{index}")


def _header(block: dict[str, Any], at: str) -> _Check:
    yield from _fields(block, at, "text", "block_id")
    yield from _text(block.get("text"), f"{at}/text", 150, only_plain=True)


def _section(block: dict[str, Any], at: str) -> _Check:
    yield from _fields(block, at, "", "text fields accessory block_id expand")
    if "text" not in block and "fields" not in block:
        yield _fault("missing required field: text", at)
    if "text" in block:
        yield from _text(block["text"], f"{at}/text", 3000)
    if "fields" in block:
        yield from _list(block, "fields", at, 10, lambda field, place: _text(field, place, 2000))
    if "accessory" in block:
        yield from _element(block["accessory"], f"{at}/accessory")


def _divider(block: dict[str, Any], at: str) -> _Check:
    yield from _fields(block, at, "", "block_id")


def _context(block: dict[str, Any], at: str) -> _Check:
    yield from _fields(block, at, "elements", "block_id")
    yield from _list(block, "elements", at, 10, _context_element)


def _context_element(element: Any, at: str) -> _Check:
    if isinstance(element, dict) and element.get("type") == "image":
        yield from _image(element, at)
    else:
        yield from _text(element, at, 3000)


def _image(block: dict[str, Any], at: str) -> _Check:
    yield from _fields(block, at, "image_url alt_text", "title block_id")
    yield from _string(block, "image_url", at, 3000)
    yield from _string(block, "alt_text", at, 2000)
    if "title" in block:
        yield from _text(block["title"], f"{at}/title", 2000, only_plain=True)


def _actions(block: dict[str, Any], at: str) -> _Check:
    yield from _fields(block, at, "elements", "block_id")
    yield from _list(block, "elements", at, 25, _element)


def _element(element: Any, at: str) -> _Check:
    if not isinstance(element, dict) or element.get("type") not in ("button", "image"):
        yield _fault(f"unsupported type: {element.get('type') if isinstance(element, dict) else element}", f"{at}/type")
        return
    if element["type"] == "image":
        yield from _image(element, at)
        return
    yield from _fields(element, at, "text", "action_id url value style confirm accessibility_label")
    yield from _text(element.get("text"), f"{at}/text", 75, only_plain=True)
    for name, most in (("action_id", 255), ("url", 3000), ("value", 2000)):
        if name in element:
            yield from _string(element, name, at, most)
    if element.get("style", "primary") not in ("primary", "danger"):
        yield _fault("must be one of: primary, danger", f"{at}/style")


def _rich_text(block: dict[str, Any], at: str) -> _Check:
    yield from _fields(block, at, "elements", "block_id")
    yield from _list(block, "elements", at, None, _rich_group)


def _rich_group(group: Any, at: str) -> _Check:
    kind = group.get("type") if isinstance(group, dict) else group
    if kind in ("rich_text_section", "rich_text_quote"):
        yield from _fields(group, at, "elements", "border" if kind == "rich_text_quote" else "")
        yield from _list(group, "elements", at, None, _rich_element)
    elif kind == "rich_text_preformatted":
        yield from _fields(group, at, "elements", "border language")
        yield from _list(group, "elements", at, None, _preformatted_element)
    elif kind == "rich_text_list":
        yield from _fields(group, at, "style elements", "indent offset border")
        if group.get("style") not in ("bullet", "ordered"):
            yield _fault("must be one of: bullet, ordered", f"{at}/style")
        yield from _list(group, "elements", at, None, _list_item)
    else:
        yield _fault(f"unsupported type: {kind}", f"{at}/type")
        return
    for name in ("border", "indent", "offset"):
        if name in group and (isinstance(group[name], bool) or not isinstance(group[name], int) or group[name] < 0):
            yield _fault("must be an integer of 0 or more", f"{at}/{name}")


def _list_item(item: Any, at: str) -> _Check:
    if not isinstance(item, dict) or item.get("type") != "rich_text_section":
        yield _fault("unsupported type in a list", f"{at}/type")
    else:
        yield from _rich_group(item, at)


def _preformatted_element(element: Any, at: str) -> _Check:
    if not isinstance(element, dict) or element.get("type") not in ("text", "link"):
        yield _fault("only text and link are allowed in preformatted text", f"{at}/type")
    else:
        yield from _rich_element(element, at)


_RICH_FIELDS = {
    "text": ("text", "style"),
    "link": ("url", "text unsafe style"),
    "user": ("user_id", "style"),
    "usergroup": ("usergroup_id", "style"),
    "channel": ("channel_id", "style"),
    "broadcast": ("range", "style"),
    "emoji": ("name", "unicode skin_tone style"),
    "date": ("timestamp format", "url fallback style"),
    "color": ("value", "style"),
    "team": ("team_id", "style"),
}


def _rich_element(element: Any, at: str) -> _Check:
    kind = element.get("type") if isinstance(element, dict) else element
    if kind not in _RICH_FIELDS:
        yield _fault(f"unsupported type: {kind}", f"{at}/type")
        return
    required, optional = _RICH_FIELDS[kind]
    yield from _fields(element, at, required, optional)
    for name in ("text", "url", "name"):
        if name in element and not (kind == "text" and name == "text" and element[name] and element[name].isspace()):
            yield from _string(element, name, at, MAX_TEXT)
    if kind == "link" and not re.match(r"(https?://|mailto:|slack://|tel:)", str(element.get("url"))):
        yield _fault("must be a valid URL", f"{at}/url")
    if kind == "broadcast" and element.get("range") not in ("here", "channel", "everyone"):
        yield _fault("must be one of: here, channel, everyone", f"{at}/range")
    style = element.get("style", {})
    if not isinstance(style, dict) or set(style) - _STYLES or not all(isinstance(on, bool) for on in style.values()):
        yield _fault("invalid style", f"{at}/style")


_BLOCKS: dict[Any, Callable[[dict[str, Any], str], _Check]] = {
    "header": _header,
    "section": _section,
    "divider": _divider,
    "context": _context,
    "image": _image,
    "actions": _actions,
    "rich_text": _rich_text,
}
