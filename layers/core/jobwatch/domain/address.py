"""Which configured addresses may be called."""

import ipaddress
import re
from urllib.parse import urlsplit

_REFUSED_NETWORKS = (
    ipaddress.ip_network("fd00:ec2::/32"),  # AWS: EC2's and EKS's metadata services
    ipaddress.ip_network("64:ff9b::/96"),  # NAT64 and 6to4 wrap any IPv4 address, a link-local one too
    ipaddress.ip_network("2002::/16"),
)


class AddressRefusedError(ValueError):
    """The address may not be called; `str()` is the reason."""


def check_address(url: str) -> str:
    """`url` without doubled and trailing slashes, once it is https, or plain http to a loopback address.

    Refused: other schemes, user names in the address, queries and fragments, link-local addresses (169.254.0.0/16 and
    fe80::/10 hold the cloud's metadata services) and those services over IPv6. Raises AddressRefusedError.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise AddressRefusedError(f"is not an address: {error}") from None
    if not host or any(character.isspace() or not character.isprintable() for character in url) or "\\" in url:
        raise AddressRefusedError("is not an address such as https://api.example.com")
    if parts.username is not None or parts.password is not None:
        raise AddressRefusedError("must not hold a user name or password; those belong into the secret")
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise AddressRefusedError("must not have a query or a fragment")
    address = _ip_address(host)
    if address is not None and (address.is_link_local or address.is_multicast or address.is_unspecified):
        raise AddressRefusedError("points at a link-local, multicast or unspecified address")
    if address is not None and any(address in network for network in _REFUSED_NETWORKS):
        raise AddressRefusedError("points at a metadata service, or wraps an IPv4 address")
    loopback = host == "localhost" or (address is not None and address.is_loopback)
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        raise AddressRefusedError("must be https (plain http only to a loopback address)")
    scheme, separator, rest = url.partition("://")
    return scheme + separator + re.sub("/{2,}", "/", rest).rstrip("/")


def address_under(base_url: str, address: str) -> str:
    """`address` again, once it lies under `base_url`; its scheme and host are taken from there, not from itself.

    For what an API hands out as a whole address, such as Azure's operation-location. `base_url`: checked. Raises
    AddressRefusedError for another host or path, a user name, a fragment, dots as a part of the path, and characters
    that an address cannot hold: two parsers may read them as two addresses.
    """
    if not re.fullmatch(r"[!$-;=?-Z_a-z~]+", address, re.ASCII):  # no blank, backslash, fragment, quote or bracket
        raise AddressRefusedError(f"must be a whole address under {base_url}, as the API gave it")
    try:
        given, base = urlsplit(address), urlsplit(base_url)
    except ValueError:
        raise AddressRefusedError(f"must be a whole address under {base_url}, as the API gave it") from None
    path = given.path
    folder = base.path + "/"
    if (given.scheme.lower(), given.netloc.lower()) != (base.scheme, base.netloc.lower()) or not path.startswith(
        folder
    ):
        raise AddressRefusedError(f"must be a whole address under {base_url}, as the API gave it")
    parts = path.lower().replace("%2e", ".").replace("%2f", "/").replace("%5c", "/").split("/")
    if "." in parts or ".." in parts or path == folder:
        raise AddressRefusedError("has dots as a part of its path, or no path")
    return base_url + path.removeprefix(base.path) + (f"?{given.query}" if given.query else "")


def address_on_host(base_url: str, address: str) -> str:
    """`address`, or the path that it is, once it lies on the host of `base_url`, whatever the path there.

    For what an answer points to. `base_url`: checked. Raises AddressRefusedError as `address_under` does.
    """
    parts = urlsplit(base_url)
    home = f"{parts.scheme}://{parts.netloc}"
    return address_under(home, home + address if re.match(r"/[^/]", address) else address)


def _ip_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        # Resolvers read 2852039166, 0xA9FEA9FE and 169.254.43518 as addresses too; no top-level domain looks so.
        if host.rstrip(".").rpartition(".")[2][:1].isdigit():
            raise AddressRefusedError("has a host that ends in a number and is no IP address") from None
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if mapped is not None else address
