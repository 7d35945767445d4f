"""What is kept of long answers: a person sees the worst, and how much there was."""

from jobwatch.domain.snapshot import Item, Message
from jobwatch.vendors.telling import MOST_ITEMS, MOST_MESSAGES, worst_items, worst_messages


def item(entry: dict[str, object]) -> Item:
    return Item(str(entry["name"]), failed=entry["name"] == "z")


def test_a_failed_item_behind_thousands_is_kept_first() -> None:
    entries = [{"name": str(number)} for number in range(5000)] + [{"name": "z"}]
    items, remarks = worst_items(entries, has_failed=lambda entry: entry["name"] == "z", read=item)
    assert items[0] == Item("z", failed=True)
    assert len(items) == MOST_ITEMS
    assert remarks == ("Shows 50 of 5,001 items, the worst ones.",)


def test_few_items_are_all_kept_without_a_remark() -> None:
    items, remarks = worst_items(
        [{"name": "a"}, {"name": "z"}], has_failed=lambda entry: entry["name"] == "z", read=item
    )
    assert [each.name for each in items] == ["z", "a"]
    assert remarks == ()


def test_messages_keep_the_vendors_order_and_repeated_ones_are_counted() -> None:
    messages, remarks = worst_messages([("info", "b"), ("error", "a"), ("info", "b"), ("error", "b"), ("info", None)])
    assert messages == (Message("info", "b (2 times)"), Message("error", "a"), Message("error", "b"))
    assert remarks == ()


def test_an_error_behind_thousands_of_notes_is_kept() -> None:
    said = [("info", f"note {number}") for number in range(5000)] + [("warning", "w"), ("error", "e")]
    messages, remarks = worst_messages(said)
    assert messages[:2] == (Message("error", "e"), Message("warning", "w"))
    assert len(messages) == MOST_MESSAGES
    assert remarks == ("Shows 50 of 5,002 kinds of message, the worst ones.",)


def test_texts_are_made_fit_to_show() -> None:
    messages, _ = worst_messages([("error", "line\nbreak \u202e " + "x" * 900), ("info", " \n ")])
    assert [message.level for message in messages] == ["error"]
    assert messages[0].text.startswith("line break x")
    assert len(messages[0].text) == 500
