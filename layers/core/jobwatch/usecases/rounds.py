"""What is done every few minutes: look whether anybody listens, say what was held back, sweep."""

from collections.abc import Callable
from dataclasses import dataclass

from jobwatch.usecases.listening import Heard, Listening
from jobwatch.usecases.operators import Operators
from jobwatch.usecases.sweep import Sweeper


@dataclass(frozen=True)
class Told:
    """Who listens (None where that could not be seen), how many a summary told of, and what failed, in words."""

    heard: Heard | None
    summarised: int
    failures: tuple[str, ...]


@dataclass(frozen=True)
class Rounds:
    """The parts of a round. Sweeping comes last, for it may take all the time that is left."""

    listening: Listening
    operators: Operators
    sweeper: Sweeper

    def tell(self, remaining_seconds: Callable[[], float]) -> Told:
        """Look who listens, then tell what was held back: one's trouble is not the other's, nor the sweep's.

        `remaining_seconds`: what is left of the function's time, of which at least half is left to sweep.
        """
        heard, summarised, failures = None, 0, []
        half_seconds = remaining_seconds() / 2
        try:
            heard = self.listening.look()
        except Exception as error:  # noqa: BLE001 - whatever it is, watches that are lost do not wait for it
            failures.append(f"looking who listens: {type(error).__name__}: {error}")
        try:
            summarised = self.operators.summarise(lambda: remaining_seconds() - half_seconds)
        except Exception as error:  # noqa: BLE001 - as above
            failures.append(f"telling what was held back: {type(error).__name__}: {error}")
        return Told(heard, summarised, tuple(failures))
