"""What the system says of processes: their children, their end, their sockets."""

import os
from pathlib import Path


def children_of(pid: int) -> list[int]:
    """The processes that a process has started, and that have not ended."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children if not has_ended(int(child))]


def has_ended(pid: int) -> bool:
    """Whether a process has ended, whether or not anybody has looked at its end."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def sockets_of(pid: int) -> int:
    """How many sockets a process has open; none if it has ended."""
    count = 0
    try:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            count += os.readlink(descriptor).startswith("socket:")
    except OSError:
        return 0
    return count
