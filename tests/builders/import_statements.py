"""Import statements read straight from ast: an oracle and a shortcut for the tests of the graph."""

import ast
from collections.abc import Iterator, Mapping

from analysis.domain.source import ImportStatement


def import_statements(source: str | bytes) -> tuple[ImportStatement, ...]:
    """The imports of a file; those under ``if TYPE_CHECKING`` are marked, not its else."""
    return tuple(_imports(ast.parse(source), type_checking=False))


def imports_of(files: Mapping[str, str]) -> dict[str, tuple[ImportStatement, ...]]:
    """Import statements by path, for the Python files among ``files`` (path -> text)."""
    return {path: import_statements(text) for path, text in files.items() if path.endswith(".py")}


def _imports(node: ast.AST, type_checking: bool) -> Iterator[ImportStatement]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield ImportStatement(alias.name, None, 0, node.lineno, type_checking)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            module = node.module or ""
            yield ImportStatement(module, alias.name, node.level, node.lineno, type_checking)
    elif isinstance(node, ast.If):
        guard = getattr(node.test, "id", None) or getattr(node.test, "attr", None)
        for branch, guarded in ((node.body, guard == "TYPE_CHECKING"), (node.orelse, False)):
            for statement in branch:
                yield from _imports(statement, type_checking or guarded)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _imports(child, type_checking)
