import errno
import logging
import warnings

import pytest

from interactive_gym.server.transport.connections import Connections

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
    from interactive_gym.server.transport.listener import PatientListener


class Listening:
    """Fails as told, then accepts."""

    family = "inet"

    def __init__(self, *errors):
        self._errors = list(errors)

    def accept(self):
        if self._errors:
            raise OSError(self._errors.pop(0), "told to")
        return "socket", "address"


@pytest.mark.parametrize("error", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS])
def test_without_descriptors_newcomers_wait_and_few_lines_say_so(error, caplog):
    connections = Connections(5, lambda: 0.0)
    listener = PatientListener(Listening(*[error] * 11), connections)
    with caplog.at_level(logging.WARNING):
        assert listener.accept() == ("socket", "address")
    assert len(caplog.records) == 2
    assert len(connections) == 1


@pytest.mark.parametrize("error", [errno.ECONNABORTED, errno.EPERM, errno.ECONNRESET])
def test_who_is_gone_before_being_accepted_is_passed_over(error, caplog):
    listener = PatientListener(Listening(error), Connections(5, lambda: 0.0))
    assert listener.accept() == ("socket", "address")
    assert caplog.records == []


def test_it_is_the_socket_in_everything_else():
    assert PatientListener(Listening(), Connections(5, lambda: 0.0)).family == "inet"
