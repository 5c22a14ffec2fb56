"""Checks of an environment's code and of the packages it needs, without running or fetching them.

Each check returns the accepted value or raises a ValueError of one sentence that names the option,
the value and the fix. Used by GymScene.
"""

import ast
import symtable
from collections.abc import Sequence
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

_OPTION = "environment_initialization_code"


def checked_code(code: str) -> str:
    """Accept Python source."""
    try:
        compile(code, _OPTION, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"{_OPTION} is not valid Python: {error}.") from error
    return code


def undefined_names(code: str, names: set[str]) -> list[str]:
    """Return the *names* that the module *code* does not define, sorted.

    With a ``from … import *`` in the code none is known to be missing.
    """
    tree = ast.parse(code)
    if any(
        isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
        for node in ast.walk(tree)
    ):
        return []
    table = symtable.symtable(code, _OPTION, "exec")
    defined = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_assigned() or symbol.is_imported()
    }
    return sorted(names - defined)


def checked_requirements(value: Any) -> tuple[str, ...]:
    """Accept a sequence of requirements: a project, its extras, versions, as pip takes them."""
    example = 'give a list such as ["msgpack==1.1.2"].'
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError(f"packages_to_install is {value!r}: {example}")
    for requirement in value:
        if not isinstance(requirement, str) or not _names_a_project(requirement):
            raise ValueError(
                f"packages_to_install has {requirement!r}: give the name of a project, with the "
                f'versions that will do if it matters, such as "msgpack==1.1.2".'
            )
    return tuple(requirement.strip() for requirement in value)


def _names_a_project(text: str) -> bool:
    """Whether a text is a requirement without an address and without a marker.

    Pip would evaluate a marker for the server's Python instead of the browser's.
    """
    try:
        requirement = Requirement(text.strip())
    except InvalidRequirement:
        return False
    return requirement.url is None and requirement.marker is None
