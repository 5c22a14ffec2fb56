import pytest

from interactive_gym.server.transport.connections import (
    CLOSING,
    CONNECTION,
    IDLE_S,
    Connections,
    keep_for,
)


class House:
    """Connections by name, the time, and who was closed."""

    def __init__(self, limit):
        self.now_s = 0.0
        self.closed = []
        self.connections = Connections(limit, lambda: self.now_s)

    def open(self, *names, after_s=0.0):
        for name in names:
            self.now_s += after_s
            self.connections.add(name, lambda name=name: self.closed.append(name))

    def begin_request(self, name, *, of_participant=False):
        connection = self.connections.at(name)
        self.connections.begin_request(connection)
        keep_for({CONNECTION: connection}, lambda: of_participant)

    def wait(self, name):
        self.connections.wait_for_head(self.connections.at(name))


@pytest.fixture
def house():
    return House(3)


def test_nobody_is_closed_while_there_is_room(house):
    house.open("a", "b")
    assert house.connections.make_room()
    assert house.closed == []


def test_who_waits_longest_for_a_request_makes_room(house):
    house.open("a", "b", "c", after_s=1)
    house.wait("a")
    house.now_s += 2 * IDLE_S
    assert house.connections.make_room()
    assert house.closed == ["b"]
    assert len(house.connections) == 2
    house.connections.remove("b")
    assert len(house.connections) == 2


def test_idle_connections_go_before_requests_and_requests_before_newcomers(house):
    house.open("a", "b", "c", after_s=1)
    house.begin_request("a")
    house.now_s += 2 * IDLE_S
    house.wait("c")
    assert house.connections.make_room()
    house.connections.remove("b")
    house.open("d")
    assert house.connections.make_room()
    assert house.closed == ["b", "a"]


def test_connections_of_participants_stay(house):
    house.open("a", "b", "c")
    for name in "abc":
        house.begin_request(name, of_participant=True)
    assert not house.connections.make_room()
    assert house.closed == []
    house.wait("b")
    assert house.connections.make_room()
    assert house.closed == ["b"]


def test_a_connection_is_closed_once(house):
    house.open("a", "b", "c", "d")
    assert house.connections.make_room()
    assert house.connections.make_room()
    assert house.closed == ["a", "b"]


def test_newcomers_wait_while_many_are_being_closed():
    house = House(1)
    house.open(*range(2 * CLOSING))
    closings = 0
    while house.connections.make_room():
        closings += 1
    assert closings == CLOSING
    house.connections.remove(0)
    house.connections.remove(1)
    assert house.connections.make_room()


def test_slow_heads_are_overdue_and_requests_are_not(house):
    house.open("a", "b", "c", after_s=10)
    house.begin_request("a")
    house.connections.close_overdue(5)
    assert house.closed == ["b"]


def test_requests_of_other_servers_have_no_connection_to_keep():
    keep_for({}, lambda: True)
