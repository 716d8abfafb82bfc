"""Where a server listens: the hosts a user may name, and the sockets on them."""

from __future__ import annotations

import errno
import ipaddress
import socket
from dataclasses import dataclass

from proxy.guard import LOCAL, Access, bracketed

_PORT_TRIES = 20


class ListenError(ValueError):
    """A host that cannot be listened on. The message says what was found and expected."""


@dataclass(frozen=True, slots=True)
class ListenHost:
    """What a server listens on."""

    addresses: tuple[str, ...]
    """Numeric; clients are told the first."""

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can connect."""
        return all(ipaddress.ip_address(address).is_loopback for address in self.addresses)


LOCALHOST = ListenHost(("127.0.0.1", "::1"))


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a server listens, and who may ask.

    Raises:
        ValueError: other machines reach it, and no token stands in for the Host header.
    """

    host: ListenHost = LOCALHOST
    access: Access = LOCAL

    def __post_init__(self) -> None:
        if not self.host.is_loopback and not self.access.any_host:
            raise ValueError("a host that other machines reach needs a token")


LOCAL_REACH = Reach()
"""On loopback, for the programs of this machine's user."""


def parse_host(text: str) -> ListenHost:
    """The host that a user names: ``localhost`` or one numeric address.

    Other names are not looked up: what they stand for can change, and with it who can connect.

    Raises:
        ListenError: when it is neither.
    """
    if text == "localhost":
        return LOCALHOST
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        expected = "expected localhost, or an IP address such as 127.0.0.1 or ::1"
        raise ListenError(f"cannot listen on {text!r}; {expected}") from None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    if mapped is not None:
        raise ListenError(f"cannot listen on {text!r}; give the IPv4 address itself, {mapped}")
    return ListenHost((text,))


def origin_of(address: str, port: int) -> str:
    """What a base URL begins with, such as ``http://127.0.0.1:8484``.

    Where a server listens on every address, it is that of loopback.
    """
    if ipaddress.ip_address(address).is_unspecified:
        address = "::1" if ":" in address else "127.0.0.1"
    return f"http://{bracketed(address)}:{port}"


def listen(host: ListenHost, port: int) -> list[socket.socket]:
    """Bound sockets on the addresses of the host, all on the same port; 0 takes a free one.

    A further address that this machine does not have is left out, as ``::1`` without IPv6.

    Raises:
        OSError: when the port is taken or may not be used, or the first address is not there.
    """
    for _ in range(_PORT_TRIES):
        sockets = [bound_socket(host.addresses[0], port)]
        try:
            for address in host.addresses[1:]:
                _add(sockets, address)
        except OSError as error:
            for bound in sockets:
                bound.close()
            if port or error.errno != errno.EADDRINUSE:
                raise
        else:
            return sockets
    raise OSError(errno.EADDRINUSE, f"no port is free on {' and '.join(host.addresses)}")


def bound_socket(address: str, port: int) -> socket.socket:
    """A socket bound to one numeric address.

    Raises:
        OSError: when the port is taken or may not be used, or the address is not there.
    """
    family, _, _, _, place = socket.getaddrinfo(
        address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
    )[0]
    # asyncio switches Nagle's algorithm off for sockets that name TCP as their protocol only.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(place)
    except OSError:
        bound.close()
        raise
    return bound


def _add(sockets: list[socket.socket], address: str) -> None:
    try:
        sockets.append(bound_socket(address, sockets[0].getsockname()[1]))
    except OSError as error:
        if error.errno not in {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}:
            raise
