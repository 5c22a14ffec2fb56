import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from interactive_gym.packages.cache import (
    PackageCache,
    in_order,
    resolve_packages,
    user_cache_folder,
)
from interactive_gym.packages.resolver import PackageResolver
from interactive_gym.scenes.gym_scene import GymScene
from tests.support.wheels import make_wheel, platform


class FakeResolver(PackageResolver):
    """Makes a wheel for every requirement, which needs one more."""

    def __init__(self) -> None:
        super().__init__(platform())
        self.asked: list[tuple[list[str], str | None]] = []
        self.fault: str | None = None

    def resolve(self, requirements: Sequence[str], index_url: str | None, folder: Path) -> None:
        self.asked.append((list(requirements), index_url))
        make_wheel(folder, "zlast")
        if self.fault:
            raise ValueError(self.fault)
        for name in requirements:
            make_wheel(folder, name, needs=["zlast"])


def order_of(folder: Path, needs: dict[str, list[str]]) -> list[str]:
    """The names of wheels with these requirements, as they are put in order."""
    wheels = [make_wheel(folder, name, needs=needed) for name, needed in needs.items()]
    return [package.name for package in in_order(wheels)]


def test_each_package_comes_after_those_it_needs(tmp_path: Path):
    order = order_of(
        tmp_path,
        {"a": ["B_b (>=1)", "absent; extra == 'x'"], "b_b": ["c[fast]>=2"], "c": []},
    )
    assert order == ["c", "b_b", "a"]


@pytest.mark.parametrize(
    "needs",
    [
        {"first": ["second", "below"], "second": ["first"]},
        {"first": ["second", "below"], "second": ["third"], "third": ["first"]},
        {"first": ["first[more]; extra == 'all'", "below"]},
        {
            "first": ["second>=1", "second>=2; python_version > '3'", "below"],
            "second": ["third", "first; extra == 'tests'"],
            "third": ["first"],
        },
    ],
)
def test_packages_that_need_each_other_come_in_some_order_after_what_they_need(
    tmp_path: Path, needs: dict[str, list[str]]
):
    order = order_of(tmp_path, {"above": ["first"], **needs, "below": []})
    assert sorted(order) == sorted({"above", *needs, "below"})
    assert order.index("below") < order.index("first") < order.index("above")


def test_a_requirement_that_is_no_longer_valid_orders_nothing(tmp_path: Path):
    order = order_of(tmp_path, {"old": ["ancient (>dev)", "new"], "new": []})
    assert order == ["new", "old"]


def test_the_metadata_of_what_a_wheel_brings_along_is_not_its_own(tmp_path: Path):
    wheel = make_wheel(tmp_path, "outer")
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr(
            "outer/_vendor/inner-2.0.dist-info/METADATA", "Name: inner\nVersion: 2.0\n"
        )
    (package,) = in_order([wheel])
    assert (package.name, package.version) == ("outer", "1.0")


def test_what_is_in_the_cache_is_not_resolved_again(tmp_path: Path):
    resolver = FakeResolver()
    cache = PackageCache(tmp_path / "cache", resolver)
    first = cache.packages(["fast", "game"], None)
    assert [package.name for package in first] == ["zlast", "fast", "game"]
    assert cache.packages(["game", "fast"], None) == first
    assert PackageCache(tmp_path / "cache", resolver).packages(["fast", "game"], None) == first
    assert len(resolver.asked) == 1
    cache.packages(["fast", "game"], "https://lab.example/pyodide/")
    cache.packages(["fast"], None)
    assert len(resolver.asked) == 3


def test_a_damaged_cache_is_resolved_again(tmp_path: Path):
    resolver = FakeResolver()
    cache = PackageCache(tmp_path, resolver)
    first = cache.packages(["fast"], None)
    first[0].file.write_bytes(b"cut")
    assert cache.packages(["fast"], None) == first
    first[1].file.unlink()
    assert [package.file.exists() for package in cache.packages(["fast"], None)] == [True, True]
    assert len(resolver.asked) == 3


def test_a_failure_leaves_nothing_in_the_cache(tmp_path: Path):
    resolver = FakeResolver()
    resolver.fault = "'fast' is lost"
    cache = PackageCache(tmp_path, resolver)
    with pytest.raises(ValueError, match="is lost"):
        cache.packages(["fast"], None)
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("")
    cache = PackageCache(tmp_path / "file" / "cache", FakeResolver())
    with pytest.raises(ValueError, match=r"cannot be written .* XDG_CACHE_HOME"):
        cache.packages(["fast"], None)


def test_the_cache_is_in_the_users_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert user_cache_folder("packages") == tmp_path / "interactive-gym" / "packages"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert user_cache_folder("packages").is_relative_to(Path.home())


def test_every_scene_is_told_its_packages_and_a_fault_names_the_scene(tmp_path: Path):
    resolver = FakeResolver()
    cache = PackageCache(tmp_path, resolver)
    plain = GymScene().scene(scene_id="plain")
    packed = GymScene().scene(scene_id="packed").pyodide(packages_to_install=["fast"])
    found = resolve_packages([plain, packed], cache)
    assert plain.packages == ()
    assert packed.packages == tuple(found)
    assert [package.name for package in found] == ["zlast", "fast"]
    resolver.fault = "'lost' is not known to the package registry"
    packed.pyodide(packages_to_install=["lost"])
    with pytest.raises(ValueError) as caught:
        resolve_packages([plain, packed], cache)
    assert str(caught.value) == (
        "packages_to_install in the scene 'packed': 'lost' is not known to the package registry."
    )
