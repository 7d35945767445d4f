"""Draws the golden cases as their readers see them: `make pictures`, into .build/pictures/*.png."""

import shutil
import subprocess
import sys
import tempfile
import zoneinfo
from pathlib import Path

from jobwatch.channels.slack.blocks import slack_message
from jobwatch.messages.sms import PREFIX
from sandbox.pages import sheet
from tests.architecture.deployment import ROOT
from tests.golden.cases import CASES, told

FOLDER = ROOT / ".build" / "pictures"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_ZONE = zoneinfo.ZoneInfo("Europe/Berlin")
_WIDTH = 1560
_SECONDS = 60


def main(names: list[str]) -> int:
    """The exit code. `names`: the cases to draw; none for all."""
    browser = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if browser is None:
        print("make pictures needs a browser without a window: apt-get install chromium. Nothing was drawn.")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in names or CASES:
        notification, publisher = told(CASES[name])
        [(subject, texts, _)] = publisher.published
        slack = slack_message(notification)
        page = sheet(name, slack, subject, texts["email"], PREFIX + texts["sms"], _ZONE)
        _draw(browser, page, FOLDER / f"{name}.png", _height(texts["email"]))
        print(FOLDER.relative_to(ROOT) / f"{name}.png")
    return 0


def _height(mail: str) -> int:
    """About as high as the mail is on a phone, which is the longest of all: 46 characters a line."""
    lines = sum(len(line) // 46 + 1 for line in mail.splitlines())
    return max(240 + lines * 23, 1000)


def _draw(browser: str, page: str, picture: Path, height: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(page, encoding="utf-8")
        command = [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={folder}",
        ]
        command += [f"--window-size={_WIDTH},{height}", f"--screenshot={picture}", source.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
