"""Private addresses are recognised in any spelling."""

from __future__ import annotations

import pytest

from fetchers.transport.private_addresses import is_loopback, is_private

PRIVATE = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7F.1",
    "017700000001",
    "0177.0.0.1",
    "0177.0x0.1",
    "127.0.0.1.",
    "0",
    "0.0.0.0",
    "0x0",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "x.localhost",
    "localhost.localdomain",
    "ip6-localhost",
    "metadata.google.internal",
    "printer.local",
    "10.0.0.1",
    "10.1",
    "167772161",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "192.168.257",
    "3232235777",
    "0xc0a80101",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "100.64.0.1",
    "100.127.255.255",
    "198.18.0.1",
    "192.0.0.192",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "[::1]",
    "::",
    "0:0:0:0:0:0:0:1",
    "::ffff:127.0.0.1",
    "[::ffff:7f00:1]",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fe80::1%25eth0",
    "fd00::1",
    "fd00:ec2::254",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "64:ff9b::7f00:1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::10.0.0.1",
    "2001:0:53aa:64c:0:fbff:3f57:fefe",  # Teredo: the client is 192.168.1.1, inverted
    "2001:db8::5efe:10.0.0.1",  # ISATAP
    "\uff11\uff12\uff17.\uff10.\uff10.\uff11",
    "①②⑦.0.0.1",
    "127。0。0。1",
    "%31%32%37.0.0.1",
    "",
]
PUBLIC = [
    "8.8.8.8",
    "134744072",
    "0x08080808",
    "11.0.0.1",
    "172.32.0.1",
    "172.15.255.255",
    "100.128.0.1",
    "169.253.0.1",
    "192.169.0.1",
    "203.0.113.7",
    "zenodo.org",
    "localhost.example.org",
    "127.0.0.1.example.org",
    "10.example.org",
    "2606:4700::1111",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
    "256.256.256.256",
    "1.2.3.4.5",
    "0xg",
    "local.example.org",
]


@pytest.mark.parametrize("host", PRIVATE)
def test_a_private_address_is_recognised(host: str) -> None:
    """Every spelling that some resolver takes counts."""
    assert is_private(host)


@pytest.mark.parametrize("host", PUBLIC)
def test_a_public_address_is_left_alone(host: str) -> None:
    """What is public stays reachable."""
    assert not is_private(host)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("[::1]", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.1", False),
        ("localhost.example.org", False),
    ],
)
def test_this_machine_is_told_from_its_network(host: str, *, expected: bool) -> None:
    """Only to this machine may a credential go in the clear."""
    assert is_loopback(host) is expected
