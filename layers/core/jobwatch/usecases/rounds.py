"""What is done every few minutes: look whether anybody listens, say what was held back, sweep."""

from dataclasses import dataclass

from jobwatch.usecases.listening import Listening
from jobwatch.usecases.operators import Operators
from jobwatch.usecases.sweep import Sweeper


@dataclass(frozen=True)
class Rounds:
    """The three, in the order in which they are done: the last may take all the time that is left."""

    listening: Listening
    operators: Operators
    sweeper: Sweeper
