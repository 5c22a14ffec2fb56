"""The emulated network: real sockets, real programs, an artificial wire.

A test makes a :class:`NetworkLab`, adds hosts and starts programs on them. Nothing in it knows the
product, and no packet ever leaves the machine.
"""

from .lab import Host, LabUnavailable, NetworkLab
from .stopping import stop_for

__all__ = ["Host", "LabUnavailable", "NetworkLab", "stop_for"]
