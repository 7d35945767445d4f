"""What the documents name is there, and nothing in the project tells secrets or machines."""

import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import fastjsonschema
import pytest

from jobwatch.domain.submission import read_submission
from tests.architecture.deployment import ROOT, TEMPLATE

DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_linked_files_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" not in target and not target.startswith("mailto:"):
            assert (document.parent / target).exists(), f"{document.name} links {target}"


def test_the_readme_names_every_parameter_and_make_target() -> None:
    text = (ROOT / "README.md").read_text()
    for parameter in TEMPLATE["Parameters"]:
        assert f"`{parameter}`" in text
    targets = set(re.findall(r"`?make ([a-z-]+)", text))
    defined = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert targets <= defined, f"the README names {targets - defined}"


@pytest.mark.parametrize("path", sorted((ROOT / "events" / "submissions").glob("*.json")), ids=lambda path: path.stem)
def test_named_submissions_are_events_that_the_bus_takes(path: Path) -> None:
    for entry in json.loads(path.read_text()):
        assert entry["DetailType"] == "Job Submitted"
        assert read_submission(json.loads(entry["Detail"]), datetime.now(UTC)).job_id


@pytest.mark.parametrize(
    "path", sorted((ROOT / "layers/core/jobwatch/schemas").glob("*.json")), ids=lambda path: path.stem
)
def test_schemas_compile_and_are_portable(path: Path) -> None:
    """They are published: their patterns are ECMA's, which has no \\Z."""
    fastjsonschema.compile(json.loads(path.read_text()))
    assert "\\\\Z" not in path.read_text()


def tracked_texts() -> list[tuple[str, str]]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    texts = []
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in (".py", ".md", ".json", ".yaml", ".toml", ".txt", "") and path.is_file():
            texts.append((name, path.read_text(encoding="utf-8", errors="replace")))
    return texts


def test_no_credentials_and_no_account_stand_in_the_project() -> None:
    forms = {
        "an AWS access key": r"\b(AKIA|ASIA)[A-Z0-9]{16}\b",
        "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
        "a Slack token": r"\bxox[bp]-\d{6,}",
        "a Slack webhook": r"hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{20,}",
    }
    for name, text in tracked_texts():
        for what, pattern in forms.items():
            assert not re.search(pattern, text) or name.startswith("tests/"), f"{what} in {name}"
