"""Every vendor that jobwatch can ask: one line each."""

from collections.abc import Mapping

from jobwatch.vendors.document360 import Document360
from jobwatch.vendors.egain import EGain
from jobwatch.vendors.vendor import Vendor
from jobwatch.vendors.zilliz import Zilliz

VENDORS: Mapping[str, Vendor] = {
    "egain": EGain(),
    "document360": Document360(),
    "zilliz": Zilliz(),
}
