"""Parts of jobwatch switched off in a deployed stack, to see that the reckoning misses them."""

import io
import zipfile

from chaos.world import World
from stack.ministack import ROOT

# Written before the handlers of the deployed packages only: nothing in the project itself knows of it.
_PATCHES = {
    "ledger": {
        "NotifierFunction": (
            "notifier",
            "from jobwatch.usecases.notify import Notifier\nNotifier._claim = lambda self, watch, run: watch\n",
        ),
        "SlackFunction": (
            "slack",
            "from jobwatch.aws.deliveries import DynamoDeliveries\n"
            "from jobwatch.ports import Standing\n"
            "DynamoDeliveries.claim = lambda self, *given, **named: Standing.NEW\n",
        ),
    },
    "masking": {
        "PollerFunction": (
            "poller",
            "import jobwatch.http.asking\njobwatch.http.asking.scrub = lambda response, secrets: response\n",
        ),
    },
}
SWEEPER = "sweeper"
PARTS = (*_PATCHES, SWEEPER)


def switch_off(world: World, part: str) -> None:
    """Deploy functions that do without a part of PARTS; the sweeper is off when nobody invokes it."""
    for function, (folder, patch) in _PATCHES.get(part, {}).items():
        source = (ROOT / "functions" / folder / "app.py").read_text(encoding="utf-8")
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("app.py", f"{source}\n\n{patch}")
        world.aws.client("lambda").update_function_code(
            FunctionName=world.physical_id(function), ZipFile=package.getvalue()
        )
