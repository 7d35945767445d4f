"""Every vendor that jobwatch can ask: one line each."""

from collections.abc import Mapping

from jobwatch.domain.connection import Connection
from jobwatch.vendors.document360 import Document360
from jobwatch.vendors.egain import EGain
from jobwatch.vendors.rest import Rest
from jobwatch.vendors.vendor import Vendor
from jobwatch.vendors.zilliz import Zilliz

VENDORS: Mapping[str, Vendor] = {
    "egain": EGain(),
    "document360": Document360(),
    "zilliz": Zilliz(),
    "rest": Rest(),
}


def vendor_of(connection: Connection) -> Vendor:
    """The vendor of a connection; for `rest`, the API that the connection describes."""
    return Rest(connection) if connection.vendor == "rest" else VENDORS[connection.vendor]
