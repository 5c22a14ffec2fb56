"""Entering a network namespace from Python.

Only the calling thread moves; the rest of the process stays where it is. Below both halves of the
lab: the one that makes hosts and the forwarder that carries their packets.
"""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAMESPACES = Path("/run/netns")
"""Where ``ip netns`` keeps its namespaces, one file each."""

DEVICE = "lab0"
"""Name of the TUN device in every host."""

_CLONE_NEWNET = 0x40000000


@contextmanager
def entered(name: str) -> Iterator[None]:
    """Move the calling thread into the namespace *name*, and back at the end.

    Sockets and devices opened meanwhile stay in that namespace, whoever uses them later.
    """
    origin = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        target = os.open(NAMESPACES / name, os.O_RDONLY)
        try:
            _setns(target)
        finally:
            os.close(target)
        try:
            yield
        finally:
            _setns(origin)
    finally:
        os.close(origin)


def _setns(fd: int) -> None:
    """Call setns(2), which Python offers as ``os.setns`` only from 3.12 on."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(fd, _CLONE_NEWNET):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
