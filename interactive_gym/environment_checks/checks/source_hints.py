"""Searches the environment's source for calls that differ between runs: clocks, global generators.

What it finds is a hint. ``checker`` adds it to a failure, or tells it as a note.
"""

import ast
import sys
import sysconfig
import types
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

CLOCKS = {
    *(
        f"time.{name}{unit}"
        for name in ("time", "monotonic", "perf_counter")
        for unit in ("", "_ns")
    ),
    *("time.process_time", "time.localtime", "time.strftime"),
    *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today"),
    "datetime.date.today",
}
"""Functions that read a clock."""

SOURCES_OF_CHANCE = {"os.urandom", "os.getpid", "uuid.uuid1", "uuid.uuid4"}
"""Functions whose results differ between processes."""

GENERATORS = ("random", "numpy.random", "secrets")
"""Modules whose functions draw from one global generator."""

OWN_GENERATORS = {"Random", "default_rng", "Generator", "RandomState", "SeedSequence", "PCG64"}
"""Names in those modules that make a separate generator."""

IDENTITIES = {"id", "hash"}
"""Built-in functions whose result depends on the process."""


def own_files(namespace: Mapping[str, Any], env: Any) -> list[Path]:
    """The source files of an environment: of its classes and of what they import.

    The standard library and installed packages are left out.
    """
    installed = [
        Path(path).resolve()
        for name, path in sysconfig.get_paths().items()
        if name in ("stdlib", "platstdlib", "purelib", "platlib")
    ]
    waiting = [kind.__module__ for kind in type(env).__mro__]
    waiting += _modules_of(namespace.values())
    seen: set[str] = set()
    files: dict[Path, None] = {}
    while waiting:
        name = waiting.pop(0)
        module = sys.modules.get(name)
        file = getattr(module, "__file__", None)
        if name in seen or module is None or file is None:
            continue
        seen.add(name)
        path = Path(file).resolve()
        is_source = path.suffix == ".py" and path.is_file()
        if is_source and not any(path.is_relative_to(folder) for folder in installed):
            files[path] = None
            waiting += _modules_of(vars(module).values())
    return list(files)


def _modules_of(values: Iterable[Any]) -> list[str]:
    names = []
    for value in list(values):
        if isinstance(value, types.ModuleType):
            names.append(value.__name__)
        elif isinstance(value, (type, types.FunctionType)):
            names.append(value.__module__)
    return names


def hints(files: Iterable[Path]) -> list[str]:
    """The suspicious calls in files, each as ``file:line calls time.time()``."""
    found = []
    for path in files:
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (OSError, SyntaxError, UnicodeDecodeError):
            continue
        names = _imported_names(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = _dotted(node.func, names)
                if called and _is_suspicious(called):
                    found.append((path.name, node.lineno, called))
    return [f"{name}:{line} calls {called}()" for name, line, called in sorted(found)]


def _imported_names(tree: ast.AST) -> dict[str, str]:
    """What the names that a file imports stand for, in full."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _dotted(node: ast.expr, names: Mapping[str, str]) -> str | None:
    """The full name of what is called, if it is imported or built in."""
    if isinstance(node, ast.Name):
        return names.get(node.id) or (node.id if node.id in IDENTITIES else None)
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value, names)
        return f"{base}.{node.attr}" if base and base not in IDENTITIES else None
    return None


def _is_suspicious(called: str) -> bool:
    module, _, name = called.rpartition(".")
    if called in CLOCKS | SOURCES_OF_CHANCE | IDENTITIES:
        return True
    return module in GENERATORS and name not in OWN_GENERATORS
