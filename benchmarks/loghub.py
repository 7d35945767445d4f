"""How well messages are grouped: GA and FGA on labelled log sets of loghub (https://github.com/logpai/loghub).

    python -m benchmarks.loghub FILE_structured.csv …

reads the columns Content and EventId of each file and prints, for jobwatch and for drain3's default configuration:
GA, the share of lines whose group holds exactly the lines of their true group; FGA, the F1 of whole groups.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

from drain3 import TemplateMiner
from drain3.template_miner_config import TemplateMinerConfig

from jobwatch.logs.templates import merged, template_of

Grouping = Callable[[Sequence[str]], Sequence[Hashable]]


def by_jobwatch(messages: Sequence[str]) -> Sequence[Hashable]:
    """The group of each message, found as a summary finds it."""
    templates = [template_of(message.encode()) for message in messages]
    joined = merged(dict.fromkeys(templates))
    return [joined[template] for template in templates]


def by_drain3(messages: Sequence[str]) -> Sequence[Hashable]:
    """The group of each message, found by drain3 as it comes."""
    miner = TemplateMiner(config=TemplateMinerConfig())
    return [miner.add_log_message(message)["cluster_id"] for message in messages]


def accuracy(truth: Sequence[Hashable], found: Sequence[Hashable]) -> tuple[float, float]:
    """GA and FGA, each 0 to 1 (Zhu et al. 2019; Jiang et al. 2024)."""
    true_groups, found_groups = _members(truth), _members(found)
    true_sets = set(true_groups.values())
    right = [group for group in found_groups.values() if group in true_sets]
    lines = sum(len(group) for group in right)
    return lines / len(truth), 2 * len(right) / (len(true_groups) + len(found_groups))


def _members(labels: Sequence[Hashable]) -> dict[Hashable, frozenset[int]]:
    members: defaultdict[Hashable, set[int]] = defaultdict(set)
    for index, label in enumerate(labels):
        members[label].add(index)
    return {label: frozenset(indexes) for label, indexes in members.items()}


def main(paths: Sequence[str]) -> None:
    """Prints a table, and the means."""
    methods: dict[str, Grouping] = {"jobwatch": by_jobwatch, "drain3 default": by_drain3}
    print(f"{'':28}" + "".join(f"{name:>20}" for name in methods))
    print(f"{'set':28}" + f"{'GA':>12}{'FGA':>8}" * len(methods))
    scores: dict[str, list[tuple[float, float]]] = {name: [] for name in methods}
    for path in paths:
        with Path(path).open(newline="", encoding="utf-8", errors="replace") as file:
            rows = list(csv.DictReader(file))
        truth = [row["EventId"] for row in rows]
        messages = [row["Content"] for row in rows]
        line = f"{Path(path).name.removesuffix('_structured.csv'):28}"
        for name, group in methods.items():
            scores[name].append(accuracy(truth, group(messages)))
            line += "{:12.3f}{:8.3f}".format(*scores[name][-1])
        print(line)
    if len(paths) > 1:
        means = [
            (sum(ga for ga, _ in each) / len(each), sum(fga for _, fga in each) / len(each)) for each in scores.values()
        ]
        print(f"{'mean':28}" + "".join(f"{ga:12.3f}{fga:8.3f}" for ga, fga in means))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
