"""`python -m stack.audit PIP_AUDIT`: known vulnerabilities of what ships in the layer.

pip-audit asks the package index's vulnerability service. In a closed network nobody answers: that is said, and does
not fail the gate; only a known vulnerability does.
"""

import json
import subprocess
import sys
from dataclasses import dataclass

from stack.ministack import ROOT

SHIPPED = "layers/core/requirements.txt"
_LONGEST_SECONDS = 120


@dataclass(frozen=True)
class Verdict:
    """`vulnerable`: whether something known stands against a package. `lines`: what to print."""

    vulnerable: bool
    lines: tuple[str, ...]


def judge(report: str) -> Verdict:
    """What pip-audit's JSON report means; anything else means that it could not ask."""
    try:
        dependencies = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Verdict(False, ("not audited: the vulnerability service did not answer",))
    found = [
        f"{each['name']} {each['version']}: {known['id']}, mended in {', '.join(known['fix_versions']) or 'no version'}"
        for each in dependencies
        for known in each.get("vulns", [])
    ]
    unasked = [each["name"] for each in dependencies if "skip_reason" in each]
    asked = len(dependencies) - len(unasked)
    lines = [*found, f"{asked} of {len(dependencies)} packages audited, {len(found)} known vulnerabilities"]
    if unasked:
        lines.append(f"not audited, the vulnerability service does not know them: {', '.join(unasked)}")
    return Verdict(bool(found), tuple(lines))


def main(pip_audit: str) -> int:
    """The exit code: 1 for a known vulnerability."""
    command = [pip_audit, "--disable-pip", "--require-hashes", "--requirement", SHIPPED, "--format", "json"]
    try:
        report = subprocess.run(
            [*command, "--progress-spinner", "off"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=_LONGEST_SECONDS,
        ).stdout
    except subprocess.TimeoutExpired:
        report = ""
    verdict = judge(report)
    print("\n".join(f"{SHIPPED}: {line}" for line in verdict.lines))
    return int(verdict.vulnerable)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
