"""Programs that stand still for a while, as when a laptop's lid is closed."""

import os
import signal
import threading
from collections.abc import Sequence
from contextlib import suppress


def stop_for(pids: Sequence[int], for_s: float) -> threading.Timer:
    """Stop processes, and let them go on after *for_s* seconds.

    Returns the timer that does so: whoever drives a stopped program may be waiting for it, so it
    runs in a thread of its own. A process that has ended meanwhile is left alone.
    """

    def send(number: int) -> None:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    timer = threading.Timer(for_s, send, [signal.SIGCONT])
    send(signal.SIGSTOP)
    timer.start()
    return timer
