"""Where credentials may be sent: https, or plain http to this very machine."""

import pytest

from jobwatch.domain.address import AddressRefusedError, check_address


@pytest.mark.parametrize(
    "address",
    [
        "https://api.egain.cloud",
        "https://api.egain.cloud:8443/some/path",
        "HTTPS://API.EXAMPLE.COM",
        "https://10.0.0.5",
        "https://[2001:db8::1]",
        "https://xn--bcher-kva.example",
        "https://1and1.com",
        "http://localhost:8080",
        "http://127.0.0.1:8080",
        "http://127.8.8.8",
        "http://[::1]:80",
        "http://[::ffff:127.0.0.1]",
    ],
)
def test_addresses_that_may_be_called(address: str) -> None:
    assert check_address(address) == address


def test_doubled_and_trailing_slashes_go() -> None:
    assert check_address("https://api.egain.cloud//") == "https://api.egain.cloud"
    assert check_address("https://api.egain.cloud//a///b/") == "https://api.egain.cloud/a/b"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "api.egain.cloud",
        "//api.egain.cloud",
        "https://",
        "https:///path",
        "https:api.egain.cloud",
        "ftp://api.egain.cloud",
        "file:///etc/passwd",
        "javascript:alert(1)",
        # plain http to another machine
        "http://api.egain.cloud",
        "http://10.0.0.5",
        "http://localhost.evil.com",
        "http://127.0.0.1.evil.com",
        "http://[2001:db8::1]",
        # the cloud's metadata services, in every spelling
        "https://169.254.169.254",
        "https://169.254.170.2/v2/credentials",
        "https://[fe80::1]",
        "https://[fe80::1%25eth0]",
        "https://[::ffff:169.254.169.254]",
        "https://2852039166",
        "https://0xA9FEA9FE",
        "https://0xa9.0xfe.0xa9.0xfe",
        "https://169.254.43518",
        "https://0251.0376.0251.0376",
        "https://169.254.169.254.",
        "http://2130706433",
        "http://127.1",
        "https://0.0.0.0",
        "https://[::]",
        "https://224.0.0.1",
        # another host than it looks like
        "https://user@api.egain.cloud",
        "https://user:password@api.egain.cloud",
        "https://@api.egain.cloud",
        "https://evil.com\\@api.egain.cloud",
        "https://api.egain.cloud\\.evil.com",
        "https://api.egain.cloud/?redirect=x",
        "https://api.egain.cloud?",
        "https://api.egain.cloud#fragment",
        "https://api.egain.cloud/\nX-Header: 1",
        " https://api.egain.cloud",
        "https://api.egain.cloud ",
        "https://api.egain\u200b.cloud",
        "https://api.egain.cloud:port",
        "https://api.egain.cloud:99999",
        "https://[::1",
    ],
)
def test_addresses_that_are_refused(address: str) -> None:
    with pytest.raises(AddressRefusedError) as refused:
        check_address(address)
    assert "password" not in str(refused.value) or "belong into the secret" in str(refused.value)
