"""What ships: pure wheels that the lock file names, which import without anything else."""

import json
import re
import subprocess
import sys
from pathlib import Path

import jmespath
import pytest

from tests.architecture.deployment import ROOT

LAYER = ROOT / "layers" / "core"
BUILT = ROOT / ".aws-sam" / "build" / "CoreLayer" / "python"
built = pytest.mark.skipif(not BUILT.exists(), reason="sam build has not run here")
# The top of each wheel; charset-normalizer and typing-extensions come with requests and Powertools.
SHIPPED = {
    *("aws_lambda_powertools", "certifi", "charset_normalizer", "fastjsonschema", "idna", "jmespath", "jobwatch"),
    *("requests", "typing_extensions.py", "tzdata", "urllib3"),
}


def locked() -> dict[str, str]:
    """The versions of the layer's lock file by name."""
    text = (LAYER / "requirements.txt").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==([0-9.]+) \\$", text, re.MULTILINE))


def test_the_lock_file_has_a_hash_for_everything() -> None:
    text = (LAYER / "requirements.txt").read_text()
    assert set(locked()) == {
        *("aws-lambda-powertools", "certifi", "charset-normalizer", "fastjsonschema", "idna", "jmespath"),
        *("requests", "typing-extensions", "tzdata", "urllib3"),
    }
    for entry in re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_development_uses_the_versions_that_ship() -> None:
    development = (ROOT / "requirements" / "dev.txt").read_text()
    for name, version in locked().items():
        assert re.search(rf"^{re.escape(name)}=={re.escape(version)}\b", development, re.MULTILINE), name


def test_the_source_of_the_layer_holds_no_python_folder() -> None:
    """sam's BuildMethod and the makefile make it; one in the source ends in python/python."""
    assert not (LAYER / "python").exists()
    names = {path.name for path in LAYER.iterdir() if path.name != "__pycache__"}
    assert names == {"Makefile", "jobwatch", "requirements.in", "requirements.txt"}


@built
class TestBuilt:
    def test_holds_what_is_named_and_nothing_compiled(self) -> None:
        tops = {path.name for path in BUILT.iterdir() if not path.name.endswith(".dist-info")}
        assert tops - {"__pycache__"} == SHIPPED
        compiled = [path for path in BUILT.rglob("*") if path.suffix in (".so", ".pyd", ".dylib", ".pyx")]
        assert compiled == []

    def test_wheels_are_pure(self) -> None:
        for wheel in BUILT.glob("*.dist-info/WHEEL"):
            text = wheel.read_text()
            assert re.search(r"^Tag: py\S*-none-any$", text, re.MULTILINE), wheel.parent.name

    def test_versions_are_the_locked_ones(self) -> None:
        found = {}
        for folder in BUILT.glob("*.dist-info"):
            name, _, version = folder.name.removesuffix(".dist-info").rpartition("-")
            found[name.lower().replace("_", "-")] = version
        assert found == locked()

    def test_is_small(self) -> None:
        """Unpacked, 250 MB is Lambda's limit; what is loaded at a cold start is read from it."""
        assert sum(path.stat().st_size for path in BUILT.rglob("*") if path.is_file()) < 25_000_000


IMPORT_ALL = """
import sys, json, pkgutil, importlib
sys.path[:0] = json.loads(sys.argv[1])
import jobwatch
names = [info.name for info in pkgutil.walk_packages(jobwatch.__path__, "jobwatch.")]
failed = {}
for name in names:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        failed[name] = error.name
print(json.dumps({"modules": names, "failed": failed}))
"""


def test_every_module_imports_with_nothing_but_the_layer_on_the_path(tmp_path: Path) -> None:
    """A library that is here for development, and not in the layer, would be missed on Lambda only."""
    libraries = Path(jmespath.__file__).parents[1]
    # requests does without charset_normalizer, whose wheel here is compiled.
    for name in SHIPPED - {"jobwatch", "charset_normalizer"}:
        (tmp_path / name).symlink_to(libraries / name)
    found = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-W", "ignore", "-c", IMPORT_ALL, json.dumps([str(LAYER), str(tmp_path)])],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    result = json.loads(found.stdout)
    assert len(result["modules"]) > 40
    # The runtime has these.
    assert {name.split(".")[0] for name in result["failed"].values()} <= {"botocore", "boto3"}, result["failed"]
