"""An environment with packages, resolved by the server and played in real Chromium.

The wheels come from the package registry once and are kept in pytest's cache; without both, the
test is skipped.
"""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from interactive_gym.packages.cache import PackageCache
from interactive_gym.packages.package import BrowserPackage
from interactive_gym.packages.platform import BrowserPlatform
from interactive_gym.packages.resolver import PackageResolver
from tests.support.e2e.browser import ParticipantFactory
from tests.support.e2e.product import experiment

pytestmark = pytest.mark.e2e

REQUIREMENTS = ["markdown-it-py==4.0.0", "msgpack==1.2.4"]
FRAMES = 60


@pytest.fixture
def packages(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> tuple[BrowserPackage, ...]:
    """The wheels, in the user cache of the server that the test starts, which has no registry."""
    home = request.config.cache.mkdir("browser_packages")
    resolver = PackageResolver(BrowserPlatform.vendored())
    try:
        found = PackageCache(home / "interactive-gym" / "packages", resolver).packages(
            REQUIREMENTS, None
        )
    except ValueError as error:
        if "cannot be reached" in str(error):
            pytest.skip(f"The packages are not cached, and there is no registry: {error}.")
        raise
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    return found


def test_a_browser_plays_with_packages_that_only_the_server_gives_it(
    packages: tuple[BrowserPackage, ...], participant: ParticipantFactory, tmp_path: Path
) -> None:
    names = [package.name for package in packages]
    assert names.index("mdurl") < names.index("markdown-it-py")
    assert "pyemscripten" in next(p.file.name for p in packages if p.name == "msgpack")

    person = participant("Ann")
    asked: list[str] = []
    person.page.context.on("request", lambda request: asked.append(request.url))
    with experiment("short_packed_dot.py", tmp_path, packages=",".join(REQUIREMENTS)) as product:
        person.go_to_waitroom(product.url)
        person.wait_for_phase("playing")
        person.hold("ArrowRight")
        person.wait_for_phase("ended")
        (game,) = product.games
        match, rows = game.match, game.rows
    assert not person.errors

    # The Worker's requests are among those that were seen, and all went to the server.
    paths = [urlsplit(url).path for url in asked]
    assert [path for path in paths if path.startswith("/packages/")] == [
        f"/{p.url}" for p in packages
    ]
    assert {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))} == {
        urlsplit(product.url).netloc
    }

    assert match["packages"] == [package.as_record() for package in packages]
    assert len(rows) == FRAMES
    assert {row["info_label"] for row in rows} == {"<p><em>dot</em></p>"}
    assert {int(row["info_packed"]) for row in rows} <= {4, 5, 6}


def test_a_package_that_browsers_cannot_have_ends_the_server_with_one_sentence(
    packages: tuple[BrowserPackage, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing listens on the discard port of this machine.
    monkeypatch.setenv("PIP_PROXY", "http://127.0.0.1:9")
    with (
        pytest.raises(AssertionError, match="The server ended at once") as caught,
        experiment("short_packed_dot.py", tmp_path, packages="numpy"),
    ):
        pass
    assert (
        "ValueError: packages_to_install in the scene 'packed_dot': 'numpy' is not in the cache yet"
    ) in str(caught.value)
    assert "put numpy-" in str(caught.value)
