"""What the end-to-end tests share: an emulated network, browsers, a running product.

The one place that decides what cannot be tested on this machine, and says why.
"""

from collections.abc import Iterator

import pytest
from netlab import LabUnavailable, NetworkLab


@pytest.fixture(scope="session")
def netlab_problem() -> str | None:
    """Why there can be no emulated network on this machine."""
    try:
        with NetworkLab():
            return None
    except LabUnavailable as reason:
        return str(reason)


@pytest.fixture(autouse=True)
def _skip_what_this_machine_cannot_do(request: pytest.FixtureRequest) -> None:
    for marker, problem in (("netlab", "netlab_problem"),):
        if request.node.get_closest_marker(marker) and (reason := request.getfixturevalue(problem)):
            pytest.skip(reason)


@pytest.fixture
def lab() -> Iterator[NetworkLab]:
    """An emulated network without hosts."""
    with NetworkLab() as network:
        yield network
