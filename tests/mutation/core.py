"""What is mutated, and which tests have to notice.

Paths are relative to the root of the checkout. Of a folder every module counts.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Part:
    """Modules that the same tests are about."""

    modules: tuple[str, ...]
    """Files and folders."""

    tests: str
    """The folder of their tests. The one named after the mutated module runs first."""

    left_out: tuple[str, ...] = ()
    """Patterns of test files that tell nothing of these modules and take long."""


CORE = (
    Part(modules=("interactive_gym/netcode",), tests="tests/netcode"),
    Part(
        modules=(
            "interactive_gym/server/matching",
            "interactive_gym/server/probing",
            "interactive_gym/server/data/frame_rows.py",
            "interactive_gym/server/data/network_rows.py",
            "interactive_gym/server/games/dead_links.py",
            "interactive_gym/server/games/player.py",
            "interactive_gym/server/games/remote_game.py",
            "interactive_gym/server/participants/participant_state.py",
            "interactive_gym/server/participants/waiting.py",
            "interactive_gym/server/participants/waitroom.py",
            "interactive_gym/server/proposals/pending_match.py",
            "interactive_gym/server/proposals/verdicts.py",
        ),
        tests="tests/server",
        left_out=("test_app.py", "web/*"),
    ),
)


def modules_of(part: Part, root: Path) -> list[Path]:
    """The files of a part's modules, relative to *root*.

    Raises:
        FileNotFoundError: A path of ``CORE`` is not there.
    """
    found: list[Path] = []
    for name in part.modules:
        path = root / name
        if not path.exists():
            raise FileNotFoundError(f"{name} is not there: correct it in tests/mutation/core.py.")
        files = [path] if path.is_file() else sorted(path.rglob("*.py"))
        found += [file.relative_to(root) for file in files if file.name != "__init__.py"]
    return found


def own_tests(part: Part, module: Path, root: Path) -> list[str]:
    """The test files that are named after a module, or begin like that."""
    own = root.joinpath(part.tests).rglob(f"test_{module.stem}*.py")
    return [str(path.relative_to(root)) for path in sorted(own)]


def all_tests(part: Part) -> list[str]:
    """What pytest is given to run every test of a part."""
    return [*(f"--ignore-glob=*/{pattern}" for pattern in part.left_out), part.tests]
