"""`python -m demo`: four jobs of different fates, from events on the bus to what people read.

Exit code 0 when everybody was told once and rightly, 1 with the reasons when not, 130 when it was interrupted.
"""

import sys

from demo import interrupts


def main() -> int:
    """Run the demo; returns the exit code."""
    interrupts.raise_once()
    try:
        # Imported here, because importing takes a second in which somebody may already press Ctrl-C.
        from demo.run import run

        return run()
    except KeyboardInterrupt:
        print("\nInterrupted: everything that was started has ended.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
