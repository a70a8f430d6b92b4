"""Whether a user's invariant compares something, and then forgets what came of it: `def invariant(o): o.n == 0`."""

import ast
import builtins
import inspect
import textwrap
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

ALLOWED = (
    *(ast.arguments, ast.arg, ast.Expr, ast.Pass, ast.If, ast.Return, ast.Assign, ast.AnnAssign),
    *(ast.Compare, ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Constant, ast.Name, ast.Attribute),
    *(ast.Subscript, ast.Slice, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Starred, ast.Call),
    *(ast.cmpop, ast.boolop, ast.operator, ast.unaryop, ast.expr_context, ast.keyword),
)
"""Nodes that check nothing. Any other may be how it fails: `assert` and `raise`, of course, but a loop as well."""


def loses_comparison(invariant: Callable[..., Any]) -> bool:
    """Whether it is a plain function that holds whatever it compares.

    Not if it returns a value, or calls anything but Python's own functions, which may raise: that can be its way.
    """
    if not isinstance(invariant, FunctionType):
        return False
    try:
        (function,) = ast.parse(textwrap.dedent(inspect.getsource(invariant))).body
    except (OSError, TypeError, SyntaxError, ValueError):  # there is none, or no whole one
        return False
    if not isinstance(function, ast.FunctionDef) or function.decorator_list:
        return False
    nodes = [node for statement in function.body for node in ast.walk(statement)]
    if not all(_checks_nothing(node, invariant.__globals__) for node in nodes):
        return False
    return any(isinstance(node, ast.Expr) and _compares(node.value) for node in nodes)


def _checks_nothing(node: ast.AST, names: Mapping[str, object]) -> bool:
    if isinstance(node, ast.Call):
        called = node.func
        return isinstance(called, ast.Name) and hasattr(builtins, called.id) and called.id not in names
    if isinstance(node, ast.Return):
        return node.value is None or (isinstance(node.value, ast.Constant) and node.value.value in (None, True))
    return isinstance(node, ALLOWED)


def _compares(value: ast.expr) -> bool:
    if isinstance(value, ast.BoolOp):
        return any(map(_compares, value.values))
    if isinstance(value, ast.UnaryOp):
        return isinstance(value.op, ast.Not)
    return isinstance(value, ast.Compare)
