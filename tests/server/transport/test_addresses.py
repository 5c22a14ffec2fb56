import pytest

from interactive_gym.server.transport.addresses import HOUR_S, NewcomerLimit, address_of


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.7", None, "192.0.2.7"),
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        ("::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", None, "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", None, "192.0.2.7"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("", None, ""),
    ],
)
def test_only_a_proxy_on_this_machine_is_believed_where_somebody_comes_from(
    peer, forwarded, address
):
    environ = {"REMOTE_ADDR": peer}
    if forwarded is not None:
        environ["HTTP_X_FORWARDED_FOR"] = forwarded
    assert address_of(environ) == address


class Clock:
    now_s = 0.0

    def __call__(self):
        return self.now_s


def test_so_many_come_from_an_address_at_once_and_again_in_an_hour():
    clock = Clock()
    limit = NewcomerLimit(3, clock)
    assert [limit.admits("a") for _ in range(5)] == [True, True, True, False, False]
    assert limit.admits("b")
    clock.now_s += HOUR_S / 3 + 1
    assert [limit.admits("a") for _ in range(2)] == [True, False]
    clock.now_s += HOUR_S
    assert [limit.admits("a") for _ in range(4)] == [True, True, True, False]


def test_without_a_limit_anybody_comes():
    limit = NewcomerLimit(None, Clock())
    assert all(limit.admits("a") for _ in range(5000))


def test_addresses_that_were_quiet_for_long_are_forgotten():
    clock = Clock()
    limit = NewcomerLimit(5, clock)
    for number in range(999):
        assert limit.admits(str(number))
    clock.now_s += HOUR_S
    limit.admits("new")
    limit.admits("new")
    assert list(limit._allowances) == ["new"]
