"""Where a server listens."""

from __future__ import annotations

import errno
import socket

import pytest

from proxy.guard import LOCAL, Access
from proxy.listen import (
    LOCALHOST,
    ListenError,
    ListenHost,
    Reach,
    bound_socket,
    listen,
    origin_of,
    parse_host,
)

ANY = "0.0.0.0"  # noqa: S104 - named, never bound


def test_localhost_is_both_loopback_addresses_and_no_other() -> None:
    sockets = listen(parse_host("localhost"), 0)
    try:
        names = [listener.getsockname()[:2] for listener in sockets]
    finally:
        for listener in sockets:
            listener.close()
    assert names[0][0] == "127.0.0.1"
    assert {address for address, _ in names} <= {"127.0.0.1", "::1"}
    assert len({port for _, port in names}) == 1


def test_a_port_that_is_taken_is_an_error_and_leaves_nothing_bound() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"Errno {errno.EADDRINUSE}"):
            listen(LOCALHOST, port)
    for listener in listen(LOCALHOST, port):
        listener.close()


def test_nothing_is_reached_from_elsewhere_without_a_token() -> None:
    for host in (ANY, "::", "192.0.2.1"):
        for access in (LOCAL, Access("t" * 16), Access(origins=frozenset({"http://a.example"}))):
            with pytest.raises(ValueError, match="needs a token"):
                Reach(parse_host(host), access)
        assert Reach(parse_host(host), Access("t" * 16, any_host=True)).host.addresses == (host,)
    assert Reach(parse_host("127.0.0.5")).access == LOCAL


def test_an_address_that_is_not_there_is_an_error_where_it_comes_first() -> None:
    # RFC 5737: nobody has it.
    missing = "192.0.2.1"
    with pytest.raises(OSError, match=f"Errno {errno.EADDRNOTAVAIL}"):
        bound_socket(missing, 0)
    (only,) = listen(ListenHost(("127.0.0.1", missing)), 0)
    assert only.getsockname()[0] == "127.0.0.1"
    only.close()


@pytest.mark.parametrize("text", ["localhost", "127.0.0.1", "127.0.0.5", "127.255.255.254", "::1"])
def test_loopback_is_loopback(text: str) -> None:
    assert parse_host(text).is_loopback


@pytest.mark.parametrize(
    "text", [ANY, "::", "192.0.2.1", "10.0.0.1", "fe80::1", "fe80::1%eth0", "128.0.0.1"]
)
def test_everything_else_is_not(text: str) -> None:
    host = parse_host(text)
    assert host.addresses == (text,)
    assert not host.is_loopback


@pytest.mark.parametrize(
    "text",
    [
        "",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "127.0.0.01",
        " 127.0.0.1",
        "127.0.0.1 ",
        "127.0.0.1\n",
        "127.0.0.1:8484",
        "[::1]",
        "*",
        "localhost.",
        "LOCALHOST",
        "localhost.localdomain",
        "my-machine",
        "127.0.0.1.nip.io",
        "http://127.0.0.1",
        "127.0.0.1/8",
        "\u0661\u0662\u0667.0.0.1",
    ],
)
def test_what_is_no_address_is_not_looked_up(text: str) -> None:
    with pytest.raises(ListenError, match="expected localhost, or an IP address"):
        parse_host(text)


@pytest.mark.parametrize("text", ["::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:192.0.2.1"])
def test_an_ipv4_address_in_disguise_is_refused(text: str) -> None:
    with pytest.raises(ListenError, match=r"give the IPv4 address itself, \d"):
        parse_host(text)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("127.0.0.5", "http://127.0.0.5:80"),
        ("::1", "http://[::1]:80"),
        (ANY, "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("fe80::1%eth0", "http://[fe80::1]:80"),
    ],
)
def test_the_origin_is_one_that_a_client_can_ask(address: str, origin: str) -> None:
    assert origin_of(address, 80) == origin
