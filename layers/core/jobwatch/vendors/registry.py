"""Every vendor that jobwatch can ask: one line each."""

from collections.abc import Mapping

from jobwatch.vendors.egain import EGain
from jobwatch.vendors.vendor import Vendor

VENDORS: Mapping[str, Vendor] = {
    "egain": EGain(),
}
