"""The project's own Python files, parsed once."""

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "common",
    "accounts",
    "analysis",
    "ledger",
    "hooks",
    "alerts",
    "orchestration",
    "review",
    "displace",
)
CODE_FOLDERS = (*APPS, "hooks", "bench")
ALL_FOLDERS = (*CODE_FOLDERS, "tests")


@dataclass(frozen=True)
class Source:
    """One file; `path` is relative to the project."""

    path: Path

    @cached_property
    def text(self) -> str:
        return (ROOT / self.path).read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def line_count(self) -> int:
        return self.text.count("\n")

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def comments(self) -> Iterator[tuple[int, str]]:
        """Line number and text of every comment."""
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Every call and what it calls, as written: `timezone.now`, `open`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node, ast.unparse(node.func)

    def imported(self) -> Iterator[tuple[ast.stmt, str]]:
        """Every import statement and the absolute name of what it imports."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield node, alias.name
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                for alias in node.names:
                    yield node, f"{node.module}.{alias.name}"


def sources(*folders: str) -> list[Source]:
    """The files under these folders; generated migrations are left out."""
    found = [
        path.relative_to(ROOT)
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
    ]
    return [Source(path) for path in found]
