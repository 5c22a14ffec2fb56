"""Where clients come from, and how many newcomers one address may bring.

Universities and laboratories share addresses, so the limit is generous. An address is forgotten
once its allowance is full again. Addresses are personal data: they are neither stored nor logged.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from typing import Any

from interactive_gym.server.transport.allowance import Allowance, Limits, Rate

HOUR_S = 3600.0
FORGET_EVERY = 1000
"""After so many newcomers, addresses that are quiet are forgotten."""


def address_of(environ: Mapping[str, Any]) -> str:
    """Return the network that a request comes from: an IPv4 address or an IPv6 /64.

    Behind a proxy on this machine it is the last address in X-Forwarded-For, which the proxy has
    added. What others say there is not believed.
    """
    peer = str(environ.get("REMOTE_ADDR", ""))
    forwarded = str(environ.get("HTTP_X_FORWARDED_FOR", "")).rsplit(",", 1)[-1].strip()
    try:
        address = ipaddress.ip_address(peer)
        if address.is_loopback and forwarded:
            address = ipaddress.ip_address(forwarded)
    except ValueError:
        return peer
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


class NewcomerLimit:
    """Counts newcomers by address.

    Args:
        per_hour: how many may come from one address at once, and again in an hour; `None` for any
            number.
        clock: monotonic seconds.
    """

    def __init__(self, per_hour: int | None, clock: Callable[[], float]) -> None:
        self._per_hour = per_hour
        self._clock = clock
        self._allowances: dict[str, tuple[Allowance, float]] = {}
        self._newcomers = 0

    def admits(self, address: str) -> bool:
        """Count a newcomer; false if it is one too many, who is not counted."""
        if self._per_hour is None:
            return True
        now_s = self._clock()
        self._forget_quiet_ones(now_s)
        allowance, _ = self._allowances.get(address, (None, 0.0))
        if allowance is None:
            rate = Rate(self._per_hour, self._per_hour / HOUR_S)
            allowance = Allowance(Limits(rate, Rate(float("inf"), 1), max_message=0), now_s)
        self._allowances[address] = (allowance, now_s)
        if allowance.charge(now_s, messages=1) > 0:
            allowance.charge(now_s, messages=-1)
            return False
        return True

    def _forget_quiet_ones(self, now_s: float) -> None:
        self._newcomers += 1
        if self._newcomers % FORGET_EVERY == 0:
            self._allowances = {
                address: entry
                for address, entry in self._allowances.items()
                if now_s - entry[1] < HOUR_S
            }
