import logging

import pytest

from interactive_gym.server.transport.quiet_logs import OncePerPlace, library_logger


@pytest.fixture
def logger(caplog):
    logger = logging.getLogger("a library")
    logger.addFilter(OncePerPlace())
    yield logger
    logger.filters.clear()


def fail_in_one_place():
    raise ValueError("told to")


def fail_in_another():
    raise ValueError("told to")


def log_failures(logger, *failing):
    for fail in failing:
        try:
            fail()
        except ValueError:
            logger.exception("it failed")


def test_a_failure_is_logged_with_its_traceback_once_for_each_place(logger, caplog):
    log_failures(logger, *[fail_in_one_place] * 25, fail_in_another)
    assert caplog.text.count("Traceback") == 2
    assert [record.getMessage() for record in caplog.records] == [
        "it failed",
        "it failed (10 times by now)",
        "it failed",
    ]


def test_what_a_client_sent_stays_on_one_short_line(logger, caplog):
    for text in ("one\nERROR two", "x" * 5000):
        logger.error("Invalid session %s", text)
    (record,) = caplog.records
    assert record.getMessage() == "Invalid session one\\nERROR two"


def test_messages_without_a_failure_may_be_left_as_they_are(caplog):
    logger = logging.getLogger("an application")
    logger.addFilter(OncePerPlace(only_failures=True))
    for number in range(3):
        logger.warning("game %d", number)
    log_failures(logger, fail_in_one_place, fail_in_one_place)
    assert len(caplog.records) == 4
    logger.filters.clear()


def test_libraries_log_failures_only():
    assert library_logger("x") is library_logger("x")
    assert len(library_logger("x").filters) == 1
    assert not library_logger("x").isEnabledFor(logging.WARNING)
