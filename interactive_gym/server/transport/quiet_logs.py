"""Keeps what clients provoke in libraries from filling the log: a line per place, then counts."""

from __future__ import annotations

import logging
from collections import Counter
from types import TracebackType

from interactive_gym.server.messages.rejections import is_worth_a_line, on_one_line


class OncePerPlace(logging.Filter):
    """Lets the 1st, 10th, 100th, … record of each place in the code through, on one line.

    The first has its traceback, since it is a fault of ours.

    Args:
        only_failures: let records without an exception through as they are.
    """

    def __init__(self, *, only_failures: bool = False) -> None:
        super().__init__()
        self._only_failures = only_failures
        self._times: Counter[tuple[object, ...]] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is written."""
        failure = record.exc_info[1] if record.exc_info else None
        if failure is None and self._only_failures:
            return True
        raised_at = _innermost(failure.__traceback__) if failure is not None else None
        place = (record.pathname, record.lineno, type(failure), raised_at)
        self._times[place] += 1
        times = self._times[place]
        if times > 1:
            record.exc_info = None
        count = "" if times == 1 else f" ({times} times by now)"
        record.msg, record.args = on_one_line(record.getMessage()) + count, ()
        return is_worth_a_line(times)


def _innermost(traceback: TracebackType | None) -> tuple[str, int] | None:
    """Where an exception was raised."""
    if traceback is None:
        return None
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback.tb_frame.f_code.co_filename, traceback.tb_lineno


def library_logger(name: str) -> logging.Logger:
    """Return a logger for a library, which writes failures only, each once for its place."""
    logger = logging.getLogger(f"{__name__}.{name}")
    logger.setLevel(logging.ERROR)
    if not any(isinstance(each, OncePerPlace) for each in logger.filters):
        logger.addFilter(OncePerPlace())
    return logger
