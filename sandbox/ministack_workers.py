"""Completes MiniStack's Lambda: a function's process that cannot start takes no other process along.

MiniStack 1.5.33 then ends all processes of the function, with what they are doing and with the folders that others are
just starting from: these cannot start either, and so on. On AWS each runs in a place of its own.
"""

from typing import Any


def install() -> None:
    """Complete it within this process; AttributeError where MiniStack's functions have other names."""
    from ministack.core.lambda_runtime import Worker, kill_workers

    invoke_worker = Worker.invoke

    def invoke(self: Worker, *given: Any, **named: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = invoke_worker(self, *given, **named)
        except Exception as error:  # noqa: BLE001 - whatever it is, raised it would end the other processes
            kill_workers([self])
            return {"status": "error", "error": f"the process did not start: {error}", "log": ""}
        return answer

    Worker.invoke = invoke
