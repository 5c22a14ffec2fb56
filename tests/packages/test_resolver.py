"""These tests run the real pip, without a network: wheels come from folders."""

from pathlib import Path

import pytest

from interactive_gym.packages.platform import BrowserPlatform
from interactive_gym.packages.resolver import PackageResolver
from tests.support.wheels import COMPILED, make_wheel, platform


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose wheels pip finds, and no others."""
    folder = tmp_path / "registry"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def distribution(tmp_path: Path) -> Path:
    folder = tmp_path / "distribution"
    folder.mkdir()
    return folder


def resolve(
    folder: Path,
    requirements: list[str],
    browsers: BrowserPlatform | None = None,
    index_url: str | None = None,
) -> list[str]:
    target = folder.parent / "target"
    target.mkdir(exist_ok=True)
    PackageResolver(browsers or platform()).resolve(requirements, index_url, target)
    return sorted(path.name for path in target.iterdir())


@pytest.mark.parametrize(
    "tags",
    ["py3-none-any", COMPILED, "cp39-abi3-pyemscripten_2026_0_wasm32"],
)
def test_wheels_that_run_in_browsers_are_found(registry: Path, tags: str):
    wheel = make_wheel(registry, "fast", tags=tags)
    assert resolve(registry, ["fast"]) == [wheel.name]


def test_dependencies_come_along(registry: Path):
    make_wheel(registry, "game", needs=["rules>=1"])
    make_wheel(registry, "rules", tags=COMPILED)
    make_wheel(registry, "rules", version="0.9")
    found = resolve(registry, ["game"])
    assert found == ["game-1.0-py3-none-any.whl", f"rules-1.0-{COMPILED}.whl"]


@pytest.mark.parametrize(
    "tags",
    [
        "cp311-cp311-manylinux_2_17_x86_64",
        "cp313-cp313-pyemscripten_2025_0_wasm32",
        "cp314-cp314-emscripten_4_0_9_wasm32",
    ],
)
def test_wheels_that_do_not_run_in_browsers_are_refused(registry: Path, tags: str):
    make_wheel(registry, "native", tags=tags)
    # It is known, as any pip could build it from its source.
    (registry / "native-1.0.tar.gz").write_bytes(b"")
    with pytest.raises(ValueError, match="'native' has no wheel that runs in browsers") as caught:
        resolve(registry, ["native"])
    assert "pyemscripten_2026_0_wasm32 and Python 3.14" in str(caught.value)


def test_a_name_that_nobody_knows_is_refused(registry: Path):
    with pytest.raises(ValueError, match="'mspack' is not known to the package registry"):
        resolve(registry, ["mspack"])


def test_a_version_that_there_is_not_is_refused_with_those_there_are(registry: Path):
    make_wheel(registry, "fast", version="1.2")
    with pytest.raises(ValueError, match=r"'fast==3' has no such version .* there are 1\.2"):
        resolve(registry, ["fast==3"])


def test_a_dependency_without_a_wheel_is_named_with_who_needs_it(registry: Path):
    make_wheel(registry, "game", needs=["physics>=2"])
    with pytest.raises(ValueError, match="'physics>=2', which game needs, is not known"):
        resolve(registry, ["game"])


def test_what_only_pyodide_distributes_needs_the_address_of_its_distribution(
    registry: Path, distribution: Path
):
    make_wheel(registry, "game", needs=["Num_Bers>=1"])
    wheel = make_wheel(distribution, "num_bers", tags=COMPILED)
    with pytest.raises(ValueError, match="as pyodide_index_url") as caught:
        resolve(registry, ["game"], platform(wheel))
    assert str(caught.value).startswith(
        "'Num_Bers>=1', which game needs, has a wheel for browsers only"
    )
    found = resolve(registry, ["game"], platform(wheel), distribution.as_uri())
    assert found == ["game-1.0-py3-none-any.whl", wheel.name]


def test_a_distribution_of_another_version_is_refused(registry: Path, distribution: Path):
    wheel = make_wheel(distribution, "numbers", tags=COMPILED)
    browsers = platform(wheel)
    make_wheel(distribution, "numbers", tags=COMPILED, needs=["game"])
    with pytest.raises(ValueError, match=r"another content than Pyodide 314\.0\.7 states"):
        resolve(registry, ["numbers"], browsers, distribution.as_uri())


def test_a_registry_out_of_reach_is_told(registry: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    # Nothing listens on the discard port of this machine.
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/")
    with pytest.raises(
        ValueError, match="'fast' is not in the cache yet, and the package registry"
    ):
        resolve(registry, ["fast"])


def test_a_python_without_pip_is_told(tmp_path: Path):
    resolver = PackageResolver(platform(), lambda _: (1, "/usr/bin/python3: No module named pip\n"))
    with pytest.raises(ValueError, match="has no pip: install it there"):
        resolver.resolve(["fast"], None, tmp_path)


def test_what_pip_says_otherwise_is_passed_on(tmp_path: Path):
    output = "Collecting fast\nERROR: No space left on device\n"
    resolver = PackageResolver(platform(), lambda _: (2, output))
    with pytest.raises(
        ValueError, match="'fast' cannot be resolved: ERROR: No space left on device"
    ):
        resolver.resolve(["fast"], None, tmp_path)
