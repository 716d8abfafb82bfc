"""Who may reach a server, as the user says it on the command line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from proxy.cors import OriginError, parse_origin
from proxy.guard import Access
from proxy.headers import TOKEN_FIELD
from proxy.listen import ListenError, Reach, parse_host
from ssescope.exits import Exit, fail
from ssescope.talk import say

SHORTEST_TOKEN = 16
_VISIBLE = re.compile(r"[!-~]*")


def reach_for(host: str, *, allow_remote: bool, token: str | None, origins: Sequence[str]) -> Reach:
    """What the options come to; ends with code 2 where they would let in anybody.

    No message quotes the token.
    """
    try:
        where = parse_host(host)
        pages = frozenset(map(parse_origin, origins))
    except (ListenError, OriginError) as error:
        fail(Exit.USAGE, str(error))
    if token is not None and not (len(token) >= SHORTEST_TOKEN and _VISIBLE.fullmatch(token)):
        fail(
            Exit.USAGE,
            f"the token cannot be used; expected {SHORTEST_TOKEN} or more visible ASCII characters "
            "without blanks, such as openssl rand -hex 16 prints",
        )
    if not where.is_loopback and not (allow_remote and token):
        fail(
            Exit.USAGE,
            f"listening on {host} lets other machines in, which needs both --allow-remote and a "
            "token (--token, or better SSESCOPE_TOKEN)",
        )
    if allow_remote and not token:
        fail(Exit.USAGE, "--allow-remote needs a token (--token, or better SSESCOPE_TOKEN)")
    return Reach(where, Access(token, any_host=allow_remote, origins=pages))


def tell(reach: Reach) -> None:
    """Says who can reach the server beside the programs of this machine."""
    if not reach.host.is_loopback:
        say(f"listening on {reach.host.addresses[0]}: other machines can reach it")
    if reach.access.token is not None:
        say(f"every request must carry the token in the header {TOKEN_FIELD}")
    for origin in sorted(reach.access.origins):
        say(f"web pages of {origin} may ask and read")
