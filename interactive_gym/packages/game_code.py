"""Everything that decides a frame, as files whose digest is the environment digest of a game.

The environment's code, the wheels it imports, the netcode, and the version of Pyodide. Scenes name
their games' code by this digest, the server keeps the files with the data, and ``verification``
runs them again.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CODE_FOLDER = "code"
"""The folder of an experiment's data that keeps the code of its games."""
ENVIRONMENT_FILE = "environment.py"
"""The environment's code."""
DESCRIPTION_FILE = "code.json"
"""Pyodide's version, and the packages in the order in which they are installed."""
WHEELS_FOLDER = "packages"
"""Where the wheels are."""

_RUNTIME_FILE = re.compile(r"interactive_gym/(?:netcode/)?\w+\.py")


@dataclass(frozen=True)
class GameCode:
    """The code of a game."""

    environment: bytes
    """The environment's code."""
    runtime: Mapping[str, bytes]
    """The Python files that run beside it, by path, in order of path."""
    wheels: Sequence[tuple[str, bytes]]
    """Name and content of every wheel, in the order of installation."""
    pyodide_version: str
    """The version of Pyodide that browsers ran."""

    @property
    def digest(self) -> str:
        """Identifies the code: the environment digest of its games."""
        names = [(hashlib.sha256(content).hexdigest(), name) for name, content in self.wheels]
        return code_digest(self.environment, self.runtime, names, self.pyodide_version)

    def files(self) -> dict[str, bytes]:
        """The code as files, by path, from which `from_files` reads it back."""
        description = {
            "pyodide_version": self.pyodide_version,
            "packages": [
                {"file": name, "sha256": hashlib.sha256(content).hexdigest()}
                for name, content in self.wheels
            ],
        }
        return {
            ENVIRONMENT_FILE: self.environment,
            DESCRIPTION_FILE: (json.dumps(description, indent=2) + "\n").encode(),
            **self.runtime,
            **{f"{WHEELS_FOLDER}/{name}": content for name, content in self.wheels},
        }

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> "GameCode":
        """Read code back from its files.

        Raises:
            ValueError: A file is missing, or there is one that the code does not have.
        """
        try:
            description = json.loads(files[DESCRIPTION_FILE])
            code = cls(
                files[ENVIRONMENT_FILE],
                {path: files[path] for path in sorted(files) if _RUNTIME_FILE.fullmatch(path)},
                [
                    (package["file"], files[f"{WHEELS_FOLDER}/{package['file']}"])
                    for package in description["packages"]
                ],
                str(description["pyodide_version"]),
            )
        except KeyError as error:
            raise ValueError(f"{error.args[0]} is missing") from None
        except (TypeError, ValueError) as error:
            raise ValueError(f"{DESCRIPTION_FILE} cannot be read ({error})") from None
        written = code.files()
        for path in sorted({*files, *written}):
            if files.get(path) != written.get(path):
                raise ValueError(f"{path} is not part of the code, or another")
        return code


def code_of(
    environment: str,
    wheels: Sequence[Path],
    runtime: Mapping[str, bytes],
    pyodide_version: str,
) -> GameCode:
    """The code of a game with its wheels, which are read.

    Raises:
        OSError: A wheel cannot be read.
    """
    contents = [(wheel.name, wheel.read_bytes()) for wheel in wheels]
    return GameCode(environment.encode(), runtime, contents, pyodide_version)


def code_digest(
    environment: bytes,
    runtime: Mapping[str, bytes],
    wheels: Sequence[tuple[str, str]],
    pyodide_version: str,
) -> str:
    """SHA-256, in hexadecimal, of what decides a frame.

    Args:
        environment: The environment's code.
        runtime: The Python files that run beside it, by path, in order of path.
        wheels: SHA-256 and name of every wheel, in the order of installation.
        pyodide_version: The version of Pyodide.
    """
    parts = {
        **runtime,
        "environment": environment,
        # As the addresses of wheels were in the digests of all versions.
        "packages": "\n".join(f"/packages/{sha256}/{name}" for sha256, name in wheels).encode(),
        "pyodide": pyodide_version.encode(),
    }
    digest = hashlib.sha256()
    for name, content in parts.items():
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
