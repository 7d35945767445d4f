"""The machine on a second, strict interpreter: every path through it ends as it has to, none in States.Runtime."""

from collections.abc import Callable

from tests.gate import machine
from tests.gate.deployment import fullest, transformed


def test_every_path_through_the_machine_does_what_its_words_say(
    record_property: Callable[[str, object], None],
) -> None:
    played = machine.play(fullest(transformed()))
    record_property("paths through the machine", played.paths)
    record_property("of them in States.Runtime", sum("States.Runtime" in each for each in played.findings))
    assert played.findings == []
    assert played.paths > 100
