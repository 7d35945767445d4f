"""How fast logs are summarised, beside what one would otherwise do, in one process and one run.

    python -m benchmarks.logs [--megabytes 1000] [--memory-megabytes 2000] [--drain-megabytes 60]
        [--shape-megabytes 100]

writes the logs under .build/ (from a seed, kept for the next run), and prints MB/s of processor time, ratios and
memory. A baseline too slow for the whole log runs over its beginning and says so; ours always reads all of it.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
from drain3 import TemplateMiner
from drain3.template_miner_config import TemplateMinerConfig

from benchmarks.log_generator import SHAPES, blocks, shaped
from jobwatch.logs import FileLogSource, summarise

_FOLDER = Path(".build/logs")
_LEVEL = re.compile(rb"WARN|ERROR|FATAL")
_ROUNDS = 3


def main() -> None:
    """Writes the logs, times everything, prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1000, help="size of each log")
    parser.add_argument(
        "--memory-megabytes", type=int, default=2000, help="size of the stream that memory is measured with"
    )
    parser.add_argument("--drain-megabytes", type=int, default=60, help="how much of a log drain3 is given")
    parser.add_argument("--shape-megabytes", type=int, default=100, help="size of the log of each shape")
    options = parser.parse_args()
    size_bytes = options.megabytes * 1_000_000
    for name, share, json_lines, required_drain, required_grep, required_orjson in (
        ("text, 2 % problems", 0.02, False, 7.0, None, None),
        ("text, 50 % problems", 0.5, False, 3.0, None, None),
        ("JSON lines, 2 % problems", 0.02, True, None, None, 3.0),
    ):
        path = _written(share, json_lines, size_bytes)
        print(f"\n{name}, {path.stat().st_size / 1e6:,.0f} MB")
        if json_lines:
            _compare(path, {"orjson on every line": (_orjson, size_bytes, required_orjson)})
        else:
            _compare(
                path,
                {
                    "drain3 over a line loop": (_drain, options.drain_megabytes * 1_000_000, required_drain),
                    "grep -cE WARN|ERROR|FATAL": (_grep, path.stat().st_size, required_grep),
                },
            )
    _shapes(options.shape_megabytes)
    _memory(options.memory_megabytes)


def _shapes(megabytes: int) -> None:
    """The shapes that no fixed column helps with."""
    print(f"\nother shapes, {megabytes} MB each (wanted: at least 20 MB/s)")
    for shape in SHAPES:
        _progress(shape, None)
        source = _Generated(megabytes * 1_000_000, shape)
        began = time.process_time()
        for _ in source.read(0, None):
            pass
        generating = time.process_time() - began
        began = time.process_time()
        summary = summarise(source)
        seconds = time.process_time() - began - generating
        print(
            f"  {shape:28}{megabytes / seconds:8.0f} MB/s              {summary.lines:,} lines, {summary.kinds:,} kinds"
        )


def _written(share: float, json_lines: bool, size_bytes: int) -> Path:
    _FOLDER.mkdir(parents=True, exist_ok=True)
    path = _FOLDER / f"{'json' if json_lines else 'text'}-{share:g}-{size_bytes}.log"
    if not path.exists():
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            for block in blocks(size_bytes, share, seed=2026, json_lines=json_lines):
                file.write(block)
                _progress(f"writing {path.name}", file.tell() / size_bytes)
        part.rename(path)
        _progress("", None)
    return path


def _compare(path: Path, baselines: dict[str, tuple[Callable[[Path, int], str], int, float | None]]) -> None:
    """Rounds of ours and the baselines in turn, so that what else runs on the machine meets all; best of each."""
    ours = 0.0
    theirs = dict.fromkeys(baselines, 0.0)
    did: dict[str, str] = {}
    size_bytes = path.stat().st_size
    for round_number in range(_ROUNDS):
        for name, (run, given_bytes, _) in baselines.items():
            _progress(f"round {round_number + 1}: {name}", None)
            given_bytes = min(given_bytes, size_bytes)
            began = _processor_seconds()
            did[name] = run(path, given_bytes)
            theirs[name] = max(theirs[name], given_bytes / (_processor_seconds() - began))
        _progress(f"round {round_number + 1}: jobwatch", None)
        began = _processor_seconds()
        summary = summarise(FileLogSource(path))
        ours = max(ours, size_bytes / (_processor_seconds() - began))
        did["jobwatch"] = f"{summary.lines:,} lines, {summary.levels}, {summary.kinds} kinds of problems"
    _progress("", None)
    print(f"  {'jobwatch, full summary':28}{ours / 1e6:8.0f} MB/s              {did['jobwatch']}")
    for name, (_, given_bytes, required) in baselines.items():
        ratio = ours / theirs[name]
        wanted = f" (wanted {required:g})" if required else ""
        given = "" if given_bytes >= size_bytes else f", over the first {given_bytes / 1e6:.0f} MB"
        print(f"  {name:28}{theirs[name] / 1e6:8.0f} MB/s  ×{ratio:5.2f}{wanted:14} {did[name]}{given}")


def _processor_seconds() -> float:
    """Of this process and of those that it waited for: what else runs on the machine does not count."""
    return sum(os.times()[:4])


def _drain(path: Path, given_bytes: int) -> str:
    miner = TemplateMiner(config=TemplateMinerConfig())
    lines = problems = read = 0
    with path.open("rb") as file:
        for line in file:
            read += len(line)
            lines += 1
            found = _LEVEL.search(line)
            if found:
                problems += 1
                miner.add_log_message(line[found.end() :].decode("utf-8", "replace").strip())
            if read >= given_bytes:
                break
    return f"{lines:,} lines, {problems:,} problems, {len(miner.drain.clusters)} clusters"


def _grep(path: Path, _: int) -> str:
    # The count goes through a pipe: writing to /dev/null makes GNU grep stop at the first match.
    count = subprocess.run(["grep", "-cE", "WARN|ERROR|FATAL", str(path)], stdout=subprocess.PIPE, check=True).stdout
    return f"{int(count):,} lines counted"


def _orjson(path: Path, given_bytes: int) -> str:
    levels: dict[str, int] = {}
    read = 0
    with path.open("rb") as file:
        for line in file:
            read += len(line)
            level = orjson.loads(line)["level"]
            levels[level] = levels.get(level, 0) + 1
            if read >= given_bytes:
                break
    return f"{levels}"


class _Generated:
    """A log that is made while it is read."""

    def __init__(self, size_bytes: int, shape: str = "text") -> None:
        self.size_bytes: int | None = size_bytes
        self._shape = shape

    def read(self, start: int, end: int | None) -> Iterator[bytes]:
        assert (start, end) == (0, None)
        return shaped(self._shape, self.size_bytes or 0)


def _memory(megabytes: int) -> None:
    """Each log in an interpreter of its own: the highest memory use is never given back."""
    print("\nmemory above the bare interpreter (wanted: at most 32 MB; 64 MB with 20,000 failed items)")
    bare = _peak_kilobytes("pass")
    logs = [("text", 100), ("text", megabytes), *((shape, 100) for shape in SHAPES), ("empty lines", 5), ("items", 100)]
    for shape, size in logs:
        _progress(f"memory with {size:,} MB, {shape}", None)
        code = f"from benchmarks.logs import memory_run; memory_run({size}, {shape!r})"
        print(f"  {size:>7,} MB {shape:24} {(_peak_kilobytes(code) - bare) / 1024:8.1f} MB")


def memory_run(megabytes: int, shape: str) -> None:
    """Summarises a generated log of that size and shape."""
    summarise(_Generated(megabytes * 1_000_000, shape))


def _peak_kilobytes(code: str) -> int:
    # ru_maxrss of a fresh process still holds its parent's peak; Linux' own high-water mark begins at exec.
    script = f"{code}\nprint(open('/proc/self/status').read())"
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=True, text=True)
    return int(done.stdout.partition("VmHWM:")[2].split()[0])


def _progress(what: str, share: float | None) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{what}{'' if share is None else f' {share:.0%}'}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
    print(f"\npeak of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
