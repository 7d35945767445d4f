"""Messages that differ in values are one kind; messages that say different things are not."""

import pytest

from jobwatch.logs.templates import merged, template_of


@pytest.mark.parametrize(
    ("message", "template"),
    [
        ("Article 12: link target kb-7 not found", "Article <*>: link target <*> not found"),
        ("took 12ms, user=u7 at 10.0.0.1:80", "took <*>, user=<*> at <*>"),
        ("cannot open /data/in/a.json (denied)", "cannot open <*> (denied)"),
        ('folder "My Docs" is gone', "folder <*> is gone"),
        ('"GET /v2/1 HTTP/1.1" status: 200', '"GET <*> <*>" status: <*>'),
        ("deleting 1 2 3", "deleting <*>"),
        ("see https://example.com/a?b=c", "see <*>"),
        ("id deadbeefcafe is unknown", "id <*> is unknown"),
        ("mail to jane@example.com failed", "mail to <*> failed"),
        ("nothing varies here", "nothing varies here"),
    ],
)
def test_what_varies_is_masked(message: str, template: str) -> None:
    assert template_of(message.encode()).decode() == template


def _kinds(*messages: str) -> set[str]:
    return {template.decode() for template in merged(template_of(message.encode()) for message in messages).values()}


def test_names_in_one_place_are_one_kind() -> None:
    names = ("anna", "bert", "carl", "dora", "emil", "fred", "gina", "hans", "ida")
    assert _kinds(*(f"access denied for {name} on this folder" for name in names)) == {
        "access denied for <*> on this folder"
    }


def test_states_stay_apart() -> None:
    assert len(_kinds("connection to the index opened", "connection to the index closed")) == 2


def test_values_after_a_key_are_one_kind() -> None:
    assert _kinds("login refused user=anna", "login refused user=bert") == {"login refused user=<*>"}


def test_a_plain_word_joins_values_of_the_same_place() -> None:
    assert _kinds("invalid user u17 from the office", "invalid user admin from the office") == {
        "invalid user <*> from the office"
    }
