"""Radon 6.0.1 as the oracle of the Python measurements. Slow on long statements: tests only."""

import ast
import io
import tokenize
import warnings
from typing import Any

from radon.metrics import h_visit, mi_visit
from radon.raw import analyze
from radon.visitors import ComplexityVisitor

from analysis.domain.python_source import measure_python
from analysis.domain.source import SourceFacts


def decoded(source: bytes) -> str:
    encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    return io.TextIOWrapper(io.BytesIO(source), encoding).read()


def by_radon(source: bytes) -> dict[str, Any] | None:
    """The figures of Radon; None where it cannot read the file."""
    text = decoded(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return {
                "functions": _functions(ast.parse(text), ""),
                "raw": tuple(analyze(text)),
                "halstead": tuple(h_visit(text).total),
                "maintainability_index": mi_visit(text, multi=True),
            }
        except (SyntaxError, RecursionError):
            return None


def _functions(node: ast.AST, prefix: str) -> list[tuple[str, int, int, int]]:
    """Every function in the order of the text, with what Radon's visitor gives that very node."""
    found = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            visitor = ComplexityVisitor(off=False)
            visitor.visit(child)
            (function,) = visitor.functions
            end_line = child.end_lineno or 0
            found.append((prefix + child.name, child.lineno, end_line, function.complexity))
        inner = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        found += _functions(child, f"{prefix}{child.name}." if inner else prefix)
    return sorted(found, key=lambda function: function[1])


def by_us(source: bytes) -> dict[str, Any]:
    return figures(measure_python(source))


def figures(facts: SourceFacts) -> dict[str, Any]:
    raw, halstead = facts.raw, facts.halstead
    return {
        "functions": [(f.name, f.line, f.end_line, f.complexity) for f in facts.functions],
        "raw": (
            raw.loc, raw.lloc, raw.sloc, raw.comments, raw.multi, raw.blank, raw.single_comments
        ),
        "halstead": (
            halstead.h1, halstead.h2, halstead.N1, halstead.N2, halstead.vocabulary,
            halstead.length, halstead.calculated_length, halstead.volume, halstead.difficulty,
            halstead.effort, halstead.time, halstead.bugs,
        ),
        "maintainability_index": facts.maintainability_index,
    }  # fmt: skip
