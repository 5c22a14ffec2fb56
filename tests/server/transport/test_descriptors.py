import resource

import pytest

from interactive_gym.server.transport.descriptors import MOST, Descriptors, raise_limit


@pytest.mark.parametrize(
    ("limits", "wanted"),
    [
        ((1024, 4096), 4096),
        ((4096, 4096), None),
        ((1024, resource.RLIM_INFINITY), MOST),
        ((1024, 2 * MOST), MOST),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), None),
    ],
)
def test_the_soft_limit_becomes_the_hard_one(monkeypatch, limits, wanted):
    asked = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _, both: asked.append(both))
    limit = raise_limit().limit
    assert asked == ([] if wanted is None else [(wanted, limits[1])])
    assert limit == wanted or (wanted is None and limit in (limits[0], MOST))


def test_a_limit_that_may_not_be_raised_stays(monkeypatch):
    def refuse(*_):
        raise ValueError("not allowed")

    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 4096))
    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert raise_limit() == Descriptors(1024)


def test_what_descriptors_allow_is_said_in_a_sentence():
    assert str(Descriptors(1024)) == (
        "1024 descriptors (ulimit -n): room for 320 participants at a time."
    )
    assert Descriptors(1024).connections == 720
    assert Descriptors(10).participants == 0
    assert Descriptors(10).connections == 1
