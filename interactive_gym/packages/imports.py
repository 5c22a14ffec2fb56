"""Which modules an environment's code imports that participants' browsers do not have.

Looks at the code without running it. Only imports that are carried out whenever the code is loaded
count: not those inside functions, nor those whose failure the code catches.
"""

import ast
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from interactive_gym.packages.platform import PYODIDE_FOLDER

BUILT_IN = frozenset(
    {
        *("array", "atexit", "binascii", "builtins", "cmath", "errno", "faulthandler", "fcntl"),
        *("gc", "itertools", "marshal", "math", "mmap", "posix", "pyexpat", "select", "sys"),
        *("termios", "time", "unicodedata", "zlib"),
    }
)
"""Modules of the standard library that are compiled into Pyodide."""

_OF_THE_PAGE = frozenset({"interactive_gym", "js", "pyodide", "pyodide_js"})
"""What the page brings along."""

_CATCHES_IMPORTS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def missing_imports(code: str, wheels: Sequence[Path]) -> dict[str, int]:
    """The top-level modules that browsers lack, each with the line of its first import.

    Code that is no Python has none: whoever runs it is told what is wrong.

    Args:
        code: the environment's code.
        wheels: the files of the packages that browsers install.

    Raises:
        OSError: a wheel, or the Pyodide that is served, cannot be read.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return {}
    imported: dict[str, int] = {}
    for name, line in _imports(tree.body):
        imported.setdefault(name, line)
    if not imported:
        return {}
    known = BUILT_IN | _OF_THE_PAGE | _modules_in(PYODIDE_FOLDER / "python_stdlib.zip")
    for wheel in wheels:
        known |= _modules_in(wheel)
    return {name: line for name, line in imported.items() if name not in known}


def what_is_missing(missing: Mapping[str, int]) -> str:
    """What to do about missing imports, as a sentence without its full stop.

    Args:
        missing: at least one module, as `missing_imports` finds them.
    """
    if "." in missing:
        return (
            f"line {missing['.']} imports from a package of its own, which browsers do not have: "
            "put all code into one file, or make a wheel of it and name that in packages_to_install"
        )
    lines = ", ".join(f"{name} (line {line})" for name, line in missing.items())
    lacking = sorted(missing.keys() & sys.stdlib_module_names)
    if lacking:
        return f"it imports {lines}; Python in browsers has no {lacking[0]}: do without it"
    named = ", ".join(f'"{name}"' for name in missing)
    return (
        f"it imports {lines}, which browsers have only as a package: give "
        f".pyodide(packages_to_install=[{named}]), or put code of your own into the same file"
    )


def _imports(statements: Sequence[ast.stmt]) -> Iterator[tuple[str, int]]:
    """Top-level names of what these statements import when they are carried out, with lines."""
    for statement in statements:
        match statement:
            case ast.Import():
                for alias in statement.names:
                    yield alias.name.partition(".")[0], statement.lineno
            case ast.ImportFrom():
                name = (statement.module or "").partition(".")[0]
                yield "." if statement.level else name, statement.lineno
            case ast.Try() if any(map(_catches_imports, statement.handlers)):
                yield from _imports([*statement.orelse, *statement.finalbody])
            case ast.Try():
                handled = [child for handler in statement.handlers for child in handler.body]
                rest = [*statement.orelse, *statement.finalbody]
                yield from _imports([*statement.body, *handled, *rest])
            case ast.If():
                yield from _imports(_carried_out(statement))
            case ast.With() | ast.For() | ast.While() | ast.ClassDef():
                yield from _imports(statement.body)


def _carried_out(statement: ast.If) -> list[ast.stmt]:
    """The branches that may be carried out where code is loaded as ``__main__``."""
    match statement.test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return statement.orelse
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()]):
            return statement.body
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.NotEq()]):
            return statement.orelse
    return [*statement.body, *statement.orelse]


def _catches_imports(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(it, ast.Name) and it.id in _CATCHES_IMPORTS for it in caught)


def _modules_in(archive: Path) -> frozenset[str]:
    """The top-level modules of a zip file, such as a wheel."""
    with zipfile.ZipFile(archive) as content:
        tops = {name.partition("/")[0] for name in content.namelist()}
    return frozenset(top.partition(".")[0] for top in tops)
