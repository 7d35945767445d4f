"""The machine on a second, strict interpreter: every path through it ends as it has to, none in States.Runtime."""

from tests.gate import machine
from tests.gate.deployment import fullest, transformed


def test_every_path_through_the_machine_does_what_its_words_say() -> None:
    played = machine.play(fullest(transformed()))
    assert played.findings == []
    print(f"{played.paths} paths, {len(played.transitions)} transitions, none ends in States.Runtime")
    assert played.paths > 100
