"""Ctrl-C, and the other polite ways to end a program, as one KeyboardInterrupt that is never followed by another."""

import signal
from types import FrameType

_INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def raise_once() -> None:
    """From now on an interrupt raises KeyboardInterrupt; a second one does not cut short what cleans up after it."""
    for number in _INTERRUPTS:
        signal.signal(number, _interrupted)


def ignore() -> None:
    """From now on no interrupt ends the program."""
    for number in _INTERRUPTS:
        signal.signal(number, signal.SIG_IGN)


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    ignore()
    raise KeyboardInterrupt
