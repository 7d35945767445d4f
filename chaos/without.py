"""Parts of jobwatch switched off in a deployed stack, to see that the reckoning misses them."""

import io
import zipfile

from chaos.world import World
from stack.ministack import ROOT

# Written before the handlers of the deployed packages only: nothing in the project itself knows of it.
_WITHOUT_CLAIMS = {
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
}


def switch_ledger_off(world: World) -> None:
    """Let the deployed notifier and Slack function claim nothing."""
    for function, (folder, patch) in _WITHOUT_CLAIMS.items():
        source = (ROOT / "functions" / folder / "app.py").read_text(encoding="utf-8")
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("app.py", f"{source}\n\n{patch}")
        world.aws.client("lambda").update_function_code(
            FunctionName=world.physical_id(function), ZipFile=package.getvalue()
        )
