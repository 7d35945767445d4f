"""What makes long logs quick must not be seen in what is said of them."""

import random
from dataclasses import replace

import pytest

from jobwatch.logs import latest, summarise, tally
from jobwatch.logs.layout import learn
from tests.unit.logs.memory_source import MemorySource, summary_of


def _text(lines: int, seed: int, *, debug: int = 0) -> bytes:
    rng = random.Random(seed)
    made = []
    for n in range(lines):
        level = rng.choices(["INFO", "WARN", "ERROR", "FATAL", "CRITICAL", "DEBUG"], [900, 20, 20, 5, 2, debug])[0]
        kind = rng.choice("abcdefghij") if n < lines // 2 else rng.choice("ab")
        made.append(
            f"2026-01-02 03:{n // 60 % 60:02d}:{n % 60:02d}.123 {level} [w-{n % 9}] x.Y - {kind * 5} {n} of doc {n * 7}"
        )
    return "\n".join(made).encode()


def _json(lines: int, seed: int) -> bytes:
    rng = random.Random(seed)
    return b"\n".join(
        b'{"t":"2026-01-02T03:04:05Z","level":"%s","msg":"%s %d"}'
        % (rng.choices([b"info", b"error", b"warning", b"debug"], [90, 3, 3, 1])[0], rng.choice([b"a b", b'c\\"d']), n)
        for n in range(lines)
    )


@pytest.mark.parametrize("piece_bytes", [777, 5000, 40_000])
@pytest.mark.parametrize("log", [_text(4000, 1), _text(4000, 2), _json(4000, 3)])
def test_the_shortcut_finds_what_looking_at_every_line_finds(
    monkeypatch: pytest.MonkeyPatch, log: bytes, piece_bytes: int
) -> None:
    exact = summary_of(log)
    assert learn(log.split(b"\n")).shortcut is not None
    monkeypatch.setattr(tally, "_LEARNED_BYTES", 60_000)
    monkeypatch.setattr(tally, "_TRUSTED_FROM_BYTES", 0)
    monkeypatch.setattr("jobwatch.logs.engine._TAIL_BYTES", 0)
    monkeypatch.setattr(latest, "GENERATION_BUFFERS", 3)
    found = summarise(MemorySource(log, piece_bytes=piece_bytes))
    assert replace(found, note=None) == exact
    assert found.note is not None, "what was not looked at is said"
    assert "every 16th piece" in found.note


def test_harmless_levels_are_told_apart_however_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "_LEARNED_BYTES", 60_000)
    monkeypatch.setattr(tally, "_TRUSTED_FROM_BYTES", 0)
    for log in (_text(4000, 1, debug=3), _text(4000, 1, debug=600), _text(4000, 1) + b"\n" + _text(4000, 1, debug=3)):
        found = summarise(MemorySource(log, piece_bytes=3000))
        assert found.levels.get("debug", 0) == log.count(b" DEBUG ")
        assert found.levels["info"] == log.count(b" INFO ")


def test_a_line_of_another_shape_ends_the_shortcut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "_LEARNED_BYTES", 60_000)
    monkeypatch.setattr(tally, "_TRUSTED_FROM_BYTES", 0)
    strange = b"\nTraceback (most recent call last):\n  File 'x'\nValueError: no\n"
    log = _text(4000, 1) + strange + _text(4000, 1)
    summary = summarise(MemorySource(log, piece_bytes=5000))
    assert any("ValueError" in problem.template for problem in summary.problems)


def test_the_end_of_a_long_log_is_looked_at_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "_LEARNED_BYTES", 60_000)
    monkeypatch.setattr(tally, "_TRUSTED_FROM_BYTES", 0)
    monkeypatch.setattr("jobwatch.logs.engine._TAIL_BYTES", 20_000)
    log = _text(9000, 1) + b"\nTraceback (most recent call last):\n  File 'x'\nValueError: no\n"
    assert any("ValueError" in p.template for p in summarise(MemorySource(log, piece_bytes=5000)).problems)
