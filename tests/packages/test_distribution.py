"""Packages of a stand-in for Pyodide's own distribution on this machine, fetched by real pip."""

import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from interactive_gym.packages.cache import PackageCache
from interactive_gym.packages.platform import BrowserPlatform, distribution_address_in
from interactive_gym.packages.resolver import PackageResolver
from interactive_gym.scenes.gym_scene import GymScene
from tests.support.wheels import COMPILED, make_wheel, platform


class Distribution:
    """Serves the wheels in a folder, and remembers which were asked for."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.asked: list[str] = []
        self.cuts_off = False
        distribution = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.rpartition("/")[2]
                distribution.asked.append(name)
                file = distribution.folder / name
                if not file.is_file():
                    self.send_error(404)
                    return
                content = file.read_bytes()
                self.send_response(200)
                self.send_header("Content-Type", "application/octet-stream")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2] if distribution.cuts_off else content)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/v314.0.7/full/"


@pytest.fixture
def distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Distribution]:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    served = Distribution(tmp_path / "distribution")
    yield served
    served.server.shutdown()
    served.server.server_close()


@pytest.fixture
def browsers(distribution: Distribution) -> BrowserPlatform:
    """Their distribution has numpy, and physics that needs it; both are compiled."""
    numpy = make_wheel(distribution.folder, "numpy", "2.4.6", COMPILED)
    physics = make_wheel(distribution.folder, "physics", "1.0", COMPILED, ["numpy"])
    return platform(numpy, physics, needs={"physics": ["numpy"]}, address=distribution.address)


def packages(browsers: BrowserPlatform, cache: Path, *names: str, index: str | None = None) -> Any:
    return PackageCache(cache, PackageResolver(browsers)).packages(names, index)


NUMPY = f"numpy-2.4.6-{COMPILED}.whl"


def test_numpy_needs_one_line_and_is_fetched_once_into_the_cache(
    distribution: Distribution,
    browsers: BrowserPlatform,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    (numpy,) = packages(browsers, tmp_path / "cache", "numpy")
    assert (numpy.name, numpy.version, numpy.file.name) == ("numpy", "2.4.6", NUMPY)
    assert distribution.address in caplog.text
    assert distribution.asked == [NUMPY]
    assert packages(browsers, tmp_path / "cache", "numpy") == (numpy,)
    assert distribution.asked == [NUMPY]


def test_what_a_package_of_the_distribution_needs_comes_along(
    browsers: BrowserPlatform, tmp_path: Path
) -> None:
    found = packages(browsers, tmp_path / "cache", "physics")
    assert [package.name for package in found] == ["numpy", "physics"]


def test_a_wheel_with_another_checksum_is_refused(
    distribution: Distribution, browsers: BrowserPlatform, tmp_path: Path
) -> None:
    make_wheel(distribution.folder, "numpy", "2.4.6", COMPILED, ["something-else"])
    with pytest.raises(ValueError, match=r"another content than Pyodide 314\.0\.7 states") as told:
        packages(browsers, tmp_path / "cache", "numpy")
    assert f"put {NUMPY} (SHA-256 {browsers.distribution['numpy'].sha256})" in str(told.value)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_download_that_is_cut_off_is_told_and_leaves_nothing(
    distribution: Distribution, browsers: BrowserPlatform, tmp_path: Path
) -> None:
    distribution.cuts_off = True
    with pytest.raises(ValueError, match=r"'numpy' was .*(cut off|another content)"):
        packages(browsers, tmp_path / "cache", "numpy")
    assert list((tmp_path / "cache").iterdir()) == []
    distribution.cuts_off = False
    assert len(packages(browsers, tmp_path / "cache", "numpy")) == 1


def test_a_distribution_out_of_reach_is_told_with_the_files_to_put_into_a_folder(
    distribution: Distribution, browsers: BrowserPlatform, tmp_path: Path
) -> None:
    distribution.server.shutdown()
    distribution.server.server_close()
    with pytest.raises(ValueError) as told:
        packages(browsers, tmp_path / "cache", "physics")
    physics = f"physics-1.0-{COMPILED}.whl"
    for name, wheel in (("physics", physics), ("numpy", NUMPY)):
        assert f"{wheel} (SHA-256 {browsers.distribution[name].sha256})" in str(told.value)
    assert str(told.value).endswith("into a folder, and give that as pyodide_index_url")


def test_a_file_that_the_distribution_lacks_is_named(
    distribution: Distribution, browsers: BrowserPlatform, tmp_path: Path
) -> None:
    (distribution.folder / NUMPY).unlink()
    with pytest.raises(ValueError, match=f"{NUMPY}.* is answered with status 404, or put {NUMPY}"):
        packages(browsers, tmp_path / "cache", "numpy")


def test_a_folder_with_the_one_file_is_enough(
    distribution: Distribution, browsers: BrowserPlatform, tmp_path: Path
) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    scene = GymScene().scene(scene_id="game")
    index = scene.pyodide(pyodide_index_url=mirror).pyodide_index_url
    with pytest.raises(ValueError, match=f"put {NUMPY} "):
        packages(browsers, tmp_path / "cache", "numpy", index=index)
    (distribution.folder / NUMPY).rename(mirror / NUMPY)
    (numpy,) = packages(browsers, tmp_path / "cache", "numpy", index=index)
    assert numpy.file.name == NUMPY
    assert distribution.asked == []


def test_a_folder_that_does_not_exist_is_refused_where_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"pyodide_index_url is .*nowhere.*, which is no folder"):
        GymScene().pyodide(pyodide_index_url=tmp_path / "nowhere")


def test_the_address_is_that_of_pyodides_own_loader() -> None:
    loader = "let a=`https://files.example/pyodide/v${U}/full/`;"
    assert distribution_address_in(loader, "1.2") == "https://files.example/pyodide/v1.2/full/"
    assert distribution_address_in("let a=1;", "1.2") is None
    address = BrowserPlatform.vendored().distribution_address
    assert address is not None and address.startswith("https://")
