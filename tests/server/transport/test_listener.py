import contextlib
import errno
import logging
import socket
import warnings

import pytest

from interactive_gym.server.transport.connections import Connections

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
    from interactive_gym.server.transport.listener import PatientListener


class Listening:
    """A listening socket that fails as told, then accepts its one client."""

    def __init__(self, *errors):
        self._errors = list(errors)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._client = socket.create_connection(self._socket.getsockname())
        self.family = self._socket.family

    def accept(self):
        if self._errors:
            raise OSError(self._errors.pop(0), "told to")
        return self._socket.accept()

    def close(self):
        self._socket.close()
        self._client.close()


@pytest.fixture
def listen():
    """Makes listeners, and closes their sockets."""
    with contextlib.ExitStack() as sockets:

        def make(*errors, connections):
            listening = sockets.enter_context(contextlib.closing(Listening(*errors)))
            return PatientListener(listening, connections)

        yield make


def accepts(listener):
    """Whether a connection is accepted, whose messages do not wait for one another."""
    connection, address = listener.accept()
    with connection:
        assert address == connection.getpeername()
        return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1


@pytest.mark.parametrize("error", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS])
def test_without_descriptors_newcomers_wait_and_few_lines_say_so(error, listen, caplog):
    connections = Connections(5, lambda: 0.0)
    listener = listen(*[error] * 11, connections=connections)
    with caplog.at_level(logging.WARNING):
        assert accepts(listener)
    assert len(caplog.records) == 2
    assert len(connections) == 1


@pytest.mark.parametrize("error", [errno.ECONNABORTED, errno.EPERM, errno.ECONNRESET])
def test_who_is_gone_before_being_accepted_is_passed_over(error, listen, caplog):
    listener = listen(error, connections=Connections(5, lambda: 0.0))
    assert accepts(listener)
    assert caplog.records == []


def test_it_is_the_socket_in_everything_else(listen):
    assert listen(connections=Connections(5, lambda: 0.0)).family == socket.AF_INET
