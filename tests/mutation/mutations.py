"""Which mutations are made: a choice of Cosmic Ray's operators, and three of our own.

Left out is what only repeats another mutation, and what no test can notice: annotations,
decorators, and ``strict=True``, which is an assertion.
"""

import ast
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cosmic_ray.plugins
import parso
from cosmic_ray.commands.init import _all_work_items
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.work_item import WorkItem

Position = tuple[int, int]

_COMPARISONS = ("Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt", "Eq_NotEq", "NotEq_Eq", "Is_IsNot")
_ARITHMETIC = ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "Mod_Mul", "Pow_Mul")
_BITS = ("BitAnd_BitOr", "BitOr_BitAnd", "LShift_RShift", "RShift_LShift")
CHOSEN = {
    *(f"core/ReplaceComparisonOperator_{name}" for name in (*_COMPARISONS, "IsNot_Is")),
    *(f"core/ReplaceBinaryOperator_{name}" for name in (*_ARITHMETIC, *_BITS)),
    *("core/ReplaceUnaryOperator_Delete_Not", "core/ReplaceUnaryOperator_Delete_USub"),
    *("core/NumberReplacer", "core/AddNot", "core/ReplaceAndWithOr", "core/ReplaceOrWithAnd"),
    *("core/ReplaceTrueWithFalse", "core/ReplaceFalseWithTrue", "core/ZeroIterationForLoop"),
    *("core/ReplaceBreakWithContinue", "core/ReplaceContinueWithBreak"),
    *("own/DropCall", "own/DropAssignment", "own/NegateMembership"),
}


class _DropStatement(Operator):
    """Leaves out a statement that has others around it or not."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Position, Position]]:
        if node.parent is not None and node.parent.type == "simple_stmt" and self.drops(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        return parso.python.tree.Keyword("pass", node.start_pos, node.get_first_leaf().prefix)

    def drops(self, node: Any) -> bool:
        raise NotImplementedError


class DropCall(_DropStatement):
    """Leaves out a call whose result is not used."""

    def drops(self, node: Any) -> bool:
        return node.type in ("atom_expr", "power") and node.children[-1].get_code()[0] == "("

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (Example("a.b(1)\n", "pass\n"),)


class DropAssignment(_DropStatement):
    """Leaves out an assignment to an attribute or an item, or one with an operation."""

    def drops(self, node: Any) -> bool:
        if node.type != "expr_stmt" or node.children[1].type == "annassign":
            return False
        return node.children[0].type != "name" or node.children[1].get_code().strip() != "="

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (Example("a.b = 1\n", "pass\n"), Example("a += 1\n", "pass\n"))


class NegateMembership(Operator):
    """Turns ``in`` into ``not in``, and back."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Position, Position]]:
        if node.type == "comparison":
            for sign in node.children[1::2]:
                if sign.get_code().split() in (["in"], ["not", "in"]):
                    yield sign.start_pos, sign.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        signs = [
            at
            for at in range(1, len(node.children), 2)
            if node.children[at].get_code().split() in (["in"], ["not", "in"])
        ]
        sign = node.children[signs[index]]
        word = " in" if len(sign.get_code().split()) == 2 else " not in"
        node.children[signs[index]] = parso.python.tree.Keyword(word, sign.start_pos)
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (Example("a in b", "a not in b"), Example("a not in b", "a in b"))


_OWN = {operator.__name__: operator for operator in (DropCall, DropAssignment, NegateMembership)}


def use_own_operators() -> None:
    """Make the operators of this module known to Cosmic Ray, in this process."""
    cosmic_ray.plugins.OPERATOR_PROVIDERS["own"] = _OWN


def mutations_of(module: Path) -> list[WorkItem]:
    """Every mutation of a module that is worth a run."""
    spans = list(_unnoticeable(ast.parse(module.read_text(encoding="utf-8"))))
    return [
        item
        for item in _all_work_items([module], {})
        for mutation in item.mutations
        if mutation.operator_name in CHOSEN
        and not any(start <= mutation.start_pos < end for start, end in spans)
    ]


def _unnoticeable(tree: ast.AST) -> Iterator[tuple[Position, Position]]:
    """From where to where nothing is mutated."""
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        if isinstance(node, ast.arg | ast.AnnAssign):
            parts = [node.annotation]
        elif isinstance(node, ast.FunctionDef):
            parts = [node.returns, *node.decorator_list]
        elif isinstance(node, ast.ClassDef):
            parts = [*node.decorator_list]
        elif isinstance(node, ast.keyword) and node.arg == "strict":
            parts = [node.value]
        for part in itertools.filterfalse(lambda one: one is None, parts):
            yield (part.lineno, part.col_offset), (part.end_lineno, part.end_col_offset)
