"""What people, AWS and bad luck do to a running jobwatch: one strike at a time, drawn by chance."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from chaos.jobs import Running
from chaos.world import FUNCTIONS, Told, World

_AGAIN = "notification delivered to Slack again"
_LATE_DELIVERIES = 50


class Strikes:
    """Strikes at a world; `counts` says what was done how often. `jobs` grows while they go on."""

    def __init__(self, world: World, jobs: Sequence[Running], chance: random.Random) -> None:
        self._world, self._jobs, self._chance = world, jobs, chance
        self.counts: Counter[str] = Counter()
        self.rejected_ids: list[str] = []
        self._all: tuple[tuple[Callable[[], bool], str, float], ...] = (
            (self._kill, "function killed", 0.15),
            (self._kill_a_teller, "notifier or Slack function killed", 0.3),
            (self._abort, "execution aborted", 0.3),
            (self._submit_again, "event delivered again", 0.4),
            (self._submit_badly, "bad event", 0.05),
            (self._deliver_again, _AGAIN, 0.6),
            (self._notify_twice, "notifier run twice at once", 0.3),
            (self._old_execution, "execution of a former generation", 0.15),
        )

    def strike(self) -> None:
        """A second's strikes."""
        for strike, name, probability in self._all:
            if self._chance.random() < probability and strike():
                self.counts[name] += 1

    def _kill(self) -> bool:
        return self._world.kill(self._chance.choice(FUNCTIONS))

    def _kill_a_teller(self) -> bool:
        return self._world.kill(self._chance.choice(("NotifierFunction", "SlackFunction")))

    def _abort(self) -> bool:
        running = self._world.stack.executions("RUNNING")
        if not running:
            return False
        try:
            self._world.aws.client("stepfunctions").stop_execution(
                executionArn=self._chance.choice(running)["executionArn"], error="Chaos", cause="stopped by hand"
            )
        except ClientError:
            return False  # it has ended meanwhile
        return True

    def _submit_again(self) -> bool:
        """Late, and out of order with the others: also of jobs that have ended."""
        if not self._jobs:
            return False
        self._world.stack.submit(**self._chance.choice(self._jobs).detail | {"name": "sent again"})
        return True

    def _submit_badly(self) -> bool:
        job_id = f"bad-{len(self.rejected_ids)}"
        self.rejected_ids.append(job_id)
        self._world.stack.submit(connection="no-such-connection", job_id=job_id)
        return True

    def deliver_many_again(self) -> None:
        """What SNS may do at any time: bring a notification once more."""
        for told in self._world.told[-_LATE_DELIVERIES:]:
            self._to_slack(told)
            self.counts[_AGAIN] += 1

    def _deliver_again(self) -> bool:
        if not self._world.told:
            return False
        self._to_slack(self._chance.choice(self._world.told[-40:]))
        return True

    def _to_slack(self, told: Told) -> None:
        self._world.invoke("SlackFunction", {"Records": [{"EventSource": "aws:sns", "Sns": told.message}]})

    def _notify_twice(self) -> bool:
        """A watch with something to tell, if one is found: its execution's notifier makes it three."""
        watch_ids = self._world.open_watch_ids()
        items = [self._world.watch(each) for each in self._chance.sample(watch_ids, min(len(watch_ids), 20))]
        if not items:
            return False
        item = self._chance.choice([each for each in items if "due" in each] or items)
        for _ in range(2):
            self._world.invoke(
                "NotifierFunction",
                {"watch_id": item["watch_id"]["S"], "generation": int(item["generation"]["N"])},
            )
        return True

    def _old_execution(self) -> bool:
        """One that was thought to be gone comes back."""
        if not self._world.told:
            return False
        item = self._world.watch(self._chance.choice(self._world.told).document["watch_id"])
        if int(item["generation"]["N"]) == _first(item):
            return False
        self._world.aws.client("stepfunctions").start_execution(
            stateMachineArn=self._world.stack.outputs["WatchStateMachineArn"],
            name=f"{item['watch_id']['S']}-back-{sum(self.counts.values())}",
            input=f'{{"watch_id": "{item["watch_id"]["S"]}", "generation": {_first(item)}, "wait_seconds": 0}}',
        )
        return True


def _first(watch: Mapping[str, Any]) -> int:
    """The generation of a watch's first execution: the second of its acceptance."""
    return int(datetime.fromisoformat(watch["accepted_at"]["S"]).timestamp())
