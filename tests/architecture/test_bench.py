"""The benches run seldom: what they take from the project has to be there nevertheless."""

import ast
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

BENCHES = sorted((ROOT / "bench").glob("*.py"))


@pytest.mark.parametrize("path", BENCHES, ids=lambda path: path.name)
def test_what_is_imported_is_there(path: Path) -> None:
    missing = [
        f"{node.module}.{name.name}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
        if node.module.partition(".")[0] != "bench"
        for name in node.names
        if not hasattr(import_module(node.module), name.name)
        and find_spec(f"{node.module}.{name.name}") is None
    ]
    assert missing == []
