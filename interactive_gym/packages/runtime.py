"""The Python files that participants' browsers run beside the environment, as one archive.

It holds the netcode and the package's `__init__`. The archive's address contains its digest, so a
browser may keep it for ever.
"""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_VENDORED_LOCK = _PACKAGE / "server" / "static" / "vendor" / "package-lock.json"
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class RuntimeBundle:
    """An archive in memory."""

    content: bytes
    """The zip file; the same sources give the same bytes on every machine."""
    digest: str
    """SHA-256 of the content, in hexadecimal."""


def runtime_sources() -> dict[str, bytes]:
    """Return the bundled files by their path in the archive, in order of path."""
    files = [_PACKAGE / "__init__.py", *(_PACKAGE / "netcode").glob("*.py")]
    return {
        path.relative_to(_PACKAGE.parent).as_posix(): path.read_bytes() for path in sorted(files)
    }


def build_runtime_bundle() -> RuntimeBundle:
    """Return the archive, uncompressed so that its bytes do not depend on a zlib version."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in runtime_sources().items():
            archive.writestr(zipfile.ZipInfo(name, date_time=_ZIP_EPOCH), content)
    content = buffer.getvalue()
    return RuntimeBundle(content, hashlib.sha256(content).hexdigest())


def pyodide_url() -> str:
    """Return the folder that browsers load Pyodide from, relative to the page.

    It names the version, so browsers may keep the files for ever.

    Raises:
        RuntimeError: the browser dependencies have not been placed into the package.
    """
    return f"static/@{pyodide_version()}/vendor/pyodide/"


def pyodide_version() -> str:
    """Return the version of the vendored Pyodide.

    Raises:
        RuntimeError: the browser dependencies have not been placed into the package.
    """
    try:
        lock = json.loads(_VENDORED_LOCK.read_text(encoding="utf-8"))
    except OSError as error:
        raise RuntimeError(
            f"{_VENDORED_LOCK} cannot be read, so the browser dependencies are missing: install "
            f"the package again (pip install -e . in a checkout, with npm on PATH)."
        ) from error
    return str(lock["packages"]["node_modules/pyodide"]["version"])
