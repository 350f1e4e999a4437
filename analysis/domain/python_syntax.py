"""Complexity, Halstead counts and imports of a Python file, from one walk over its syntax tree.

Every figure equals that of Radon 6.0.1, whose visitors walk the tree once for each of them and
fail on deeply nested code. What to count is theirs, with what they leave out:

* Cyclomatic complexity sees the body of a function alone, without decorators, defaults and
  annotations; an `assert` counts as one, whatever is in it; `with`, `lambda` and `except*` count
  nothing; a `match` counts its cases without the one that always matches.
* Halstead's operators are those of expressions and augmented assignments. An operand is known by
  its name or value and by the name of the function it stands in; any other expression is an
  operand of its own.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from analysis.domain.python_nodes import CHAINS, CHILDREN, HANDLERS, FunctionNode, Tally
from analysis.domain.source import Function, Halstead, ImportStatement


@dataclass(frozen=True, slots=True)
class Syntax:
    """What the tree of one file gives; `total_complexity` is the one of maintainability."""

    functions: tuple[Function, ...]
    total_complexity: int
    halstead: Halstead
    imports: tuple[ImportStatement, ...]


@dataclass(frozen=True, slots=True)
class _Scope:
    """A module, class or function body to tally.

    `context` is the name of the innermost function around it. `share` is what the body adds to
    the file's total complexity besides its decision points; None: it adds nothing at all.
    """

    node: ast.Module | ast.ClassDef | FunctionNode
    prefix: str
    context: str | None
    share: int | None

    def inner(self, node: ast.ClassDef | FunctionNode) -> _Scope:
        name = self.prefix + node.name
        function = not isinstance(node, ast.ClassDef)
        share = None
        if isinstance(self.node, ast.Module):
            share = 0
        elif isinstance(self.node, ast.ClassDef) and self.share is not None and function:
            share = 1
        return _Scope(node, name + ".", node.name if function else self.context, share)


def measure_syntax(tree: ast.Module) -> Syntax:
    """Walk the tree once and return what it holds. Depth of nesting costs memory, not stack."""
    tally = Tally()
    operand_sets: defaultdict[str | None, set[Any]] = defaultdict(set)
    functions: list[Function] = []
    total_complexity = anonymous = operands = 0
    scopes = [_Scope(tree, "", None, 1)]
    while scopes:
        scope = scopes.pop()
        node = scope.node
        points = _walk(node.body, tally)
        if scope.share is not None:
            total_complexity += points + scope.share
        if isinstance(node, FunctionNode):
            functions.append(
                Function(scope.prefix[:-1], node.lineno, node.end_lineno or 0, points + 1)
            )
        operands += len(tally.operands)
        anonymous += _note_operands(tally.operands, operand_sets[scope.context])
        tally.operands.clear()
        scopes.extend(map(scope.inner, tally.inner))
        tally.inner.clear()
    functions.sort(key=attrgetter("line"))
    halstead = Halstead(
        h1=len(set(map(type, tally.operators))),
        h2=sum(map(len, operand_sets.values())) + anonymous,
        N1=len(tally.operators),
        N2=operands,
    )
    return Syntax(tuple(functions), total_complexity, halstead, tuple(_imports(tally)))


def _walk(body: list[ast.stmt], tally: Tally) -> int:
    """Walk the body of one scope; return its decision points."""
    tally.points = 0
    _drain(body, tally)
    points = tally.points
    _drain(tally.uncounted, tally)
    tally.uncounted.clear()
    return points


def _drain(nodes: Iterable[Any], tally: Tally) -> None:
    stack = tally.stack
    stack.extend(nodes)
    pop, extend = stack.pop, stack.extend
    of_children, of_handler, chains = CHILDREN.get, HANDLERS.get, CHAINS
    name, constant = ast.Name, ast.Constant
    while stack:
        node = pop()
        kind = node.__class__
        while kind in chains:
            node = node.value
            kind = node.__class__
        if kind is name or kind is constant:  # half of all nodes
            continue
        handler = of_handler(kind)
        if handler is not None:
            handler(node, tally)
        else:
            children = of_children(kind)
            if children is not None:
                extend(children(node))


def _note_operands(operands: list[Any], seen: set[Any]) -> int:
    """Add the names and values of operands to those seen; return how many have neither."""
    anonymous = 0
    add = seen.add
    for node in operands:
        kind = node.__class__
        if kind is ast.Name:
            add(node.id)
        elif kind is ast.Constant:
            add(node.value)
        elif kind is ast.Attribute:
            add(node.attr)
        else:
            anonymous += 1
    return anonymous


def _imports(tally: Tally) -> Iterator[ImportStatement]:
    blocks = sorted(tally.type_checking, reverse=True)
    guarded_until = 0  # blocks are nested or apart, so the furthest end seen decides
    for node in sorted(tally.imports, key=attrgetter("lineno", "col_offset")):
        line = node.lineno
        while blocks and blocks[-1][0] <= line:
            guarded_until = max(guarded_until, blocks.pop()[1])
        guarded = line <= guarded_until
        for alias in node.names:
            if isinstance(node, ast.Import):
                yield ImportStatement(alias.name, None, 0, line, guarded)
            else:
                yield ImportStatement(node.module or "", alias.name, node.level, line, guarded)
