"""What each kind of syntax node adds to the tally, and where its children are.

The rules are those of Radon 6.0.1's two visitors; see `python_syntax`, which walks by them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


class Tally:
    """What the walk has counted and found, and the nodes it has still to visit."""

    __slots__ = (
        "imports", "inner", "operands", "operators", "points", "stack", "type_checking",
        "uncounted",
    )  # fmt: skip

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.points = 0  # decision points
        self.operators: list[ast.AST] = []
        self.operands: list[ast.expr] = []
        self.uncounted: list[Any] = []  # seen by Halstead, not by complexity
        self.inner: list[ast.ClassDef | FunctionNode] = []
        self.imports: list[ast.Import | ast.ImportFrom] = []
        self.type_checking: list[tuple[int, int]] = []  # first and last line of guarded blocks


# Calls and assignments count nothing, but are so common that their own lines pay.
def _call(node: ast.Call, tally: Tally) -> None:
    stack = tally.stack
    stack.append(node.func)
    if node.args:
        stack += node.args
    if node.keywords:
        stack += node.keywords


def _assign(node: ast.Assign, tally: Tally) -> None:
    tally.stack += node.targets
    tally.stack.append(node.value)


def _scope(node: ast.ClassDef | FunctionNode, tally: Tally) -> None:
    tally.inner.append(node)


def _class(node: ast.ClassDef, tally: Tally) -> None:
    tally.inner.append(node)
    tally.uncounted += (node.bases, node.keywords, node.decorator_list)


def _import(node: ast.Import | ast.ImportFrom, tally: Tally) -> None:
    tally.imports.append(node)


def _assert(node: ast.Assert, tally: Tally) -> None:
    tally.points += 1
    tally.uncounted += (node.test, node.msg)


def _if(node: ast.If, tally: Tally) -> None:
    tally.points += 1
    tally.stack += (node.test, node.body, node.orelse)
    test = node.test
    name = getattr(test, "id", None) or getattr(test, "attr", None)
    if name == "TYPE_CHECKING":
        tally.type_checking.append((node.body[0].lineno, node.body[-1].end_lineno or 0))


def _if_expression(node: ast.IfExp, tally: Tally) -> None:
    tally.points += 1
    tally.stack += (node.test, node.body, node.orelse)


def _for(node: ast.For | ast.AsyncFor, tally: Tally) -> None:
    tally.points += 2 if node.orelse else 1
    tally.stack += (node.target, node.iter, node.body, node.orelse)


def _while(node: ast.While, tally: Tally) -> None:
    tally.points += 2 if node.orelse else 1
    tally.stack += (node.test, node.body, node.orelse)


def _try(node: ast.Try, tally: Tally) -> None:
    tally.points += len(node.handlers) + bool(node.orelse)
    tally.stack += (node.body, node.handlers, node.orelse, node.finalbody)


def _match(node: ast.Match, tally: Tally) -> None:
    # Without a pattern of its own, `case _` and `case name` take whatever comes.
    catch_all = any(
        isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
        for case in node.cases
    )
    tally.points += len(node.cases) - catch_all
    tally.stack += (node.subject, node.cases)


def _comprehension(node: ast.comprehension, tally: Tally) -> None:
    tally.points += len(node.ifs) + 1
    tally.stack += (node.target, node.iter, node.ifs)


def _binary(node: ast.BinOp, tally: Tally) -> None:
    both = (node.left, node.right)
    tally.operators.append(node.op)
    tally.operands += both
    tally.stack += both


def _unary(node: ast.UnaryOp, tally: Tally) -> None:
    tally.operators.append(node.op)
    tally.operands.append(node.operand)
    tally.stack.append(node.operand)


def _boolean(node: ast.BoolOp, tally: Tally) -> None:
    values = node.values
    tally.points += len(values) - 1
    tally.operators.append(node.op)
    tally.operands += values
    tally.stack += values


def _augmented(node: ast.AugAssign, tally: Tally) -> None:
    both = (node.target, node.value)
    tally.operators.append(node.op)
    tally.operands += both
    tally.stack += both


def _compare(node: ast.Compare, tally: Tally) -> None:
    sides = (node.left, *node.comparators)
    tally.operators += node.ops
    tally.operands += sides
    tally.stack += sides


HANDLERS: dict[type, Callable[[Any, Tally], None]] = {
    ast.Call: _call,
    ast.Assign: _assign,
    ast.FunctionDef: _scope,
    ast.AsyncFunctionDef: _scope,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import,
    ast.Assert: _assert,
    ast.If: _if,
    ast.IfExp: _if_expression,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.Try: _try,
    ast.Match: _match,
    ast.comprehension: _comprehension,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.AugAssign: _augmented,
    ast.Compare: _compare,
}

# Nodes whose one child is `value`: followed at once, without the stack.
CHAINS = frozenset(
    {
        ast.Attribute, ast.Await, ast.Expr, ast.MatchValue, ast.Return, ast.Starred, ast.Yield,
        ast.YieldFrom, ast.keyword,
    }
)  # fmt: skip

# Nodes that count nothing themselves, with their children; lists stand for their elements. Kinds
# that are in no table have no children worth a visit: names, constants, None.
CHILDREN: dict[type, Callable[[Any], Iterable[Any]]] = {
    list: iter,
    ast.AnnAssign: attrgetter("target", "annotation", "value"),
    ast.AsyncWith: attrgetter("items", "body"),
    ast.Delete: attrgetter("targets"),
    ast.Dict: attrgetter("keys", "values"),
    ast.DictComp: attrgetter("key", "value", "generators"),
    ast.ExceptHandler: attrgetter("type", "body"),
    ast.FormattedValue: attrgetter("value", "format_spec"),
    ast.GeneratorExp: attrgetter("elt", "generators"),
    ast.JoinedStr: attrgetter("values"),
    ast.Lambda: attrgetter("args", "body"),
    ast.List: attrgetter("elts"),
    ast.ListComp: attrgetter("elt", "generators"),
    ast.MatchAs: attrgetter("pattern", "name"),
    ast.MatchClass: attrgetter("cls", "patterns", "kwd_patterns"),
    ast.MatchMapping: attrgetter("keys", "patterns"),
    ast.MatchOr: attrgetter("patterns"),
    ast.MatchSequence: attrgetter("patterns"),
    ast.NamedExpr: attrgetter("target", "value"),
    ast.Raise: attrgetter("exc", "cause"),
    ast.Set: attrgetter("elts"),
    ast.SetComp: attrgetter("elt", "generators"),
    ast.Slice: attrgetter("lower", "upper", "step"),
    ast.Subscript: attrgetter("value", "slice"),
    ast.TryStar: attrgetter("body", "handlers", "orelse", "finalbody"),
    ast.Tuple: attrgetter("elts"),
    ast.With: attrgetter("items", "body"),
    ast.arguments: attrgetter("defaults", "kw_defaults"),
    ast.match_case: attrgetter("pattern", "guard", "body"),
    ast.withitem: attrgetter("context_expr", "optional_vars"),
}
