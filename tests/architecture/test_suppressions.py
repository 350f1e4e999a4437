"""Whoever switches a check off says why, beside it."""

import ast
import re

import pytest

from tests.architecture.sources import ALL_FOLDERS, Source, sources

# What follows the codes: at least two words, such as "see above".
REASON = r"\W+\w+\W+\w+"
NOQA = re.compile(r"#\s*noqa\b", re.IGNORECASE)
NOQA_WITH_REASON = re.compile(rf"#\s*noqa: [A-Z]+[0-9]+(, [A-Z]+[0-9]+)*\s+(-|#){REASON}")
TYPE_IGNORE = re.compile(r"#\s*type:\s*ignore")
TYPE_IGNORE_WITH_REASON = re.compile(rf"#\s*type: ignore\[[a-z, -]+\]\s+#{REASON}")
BROAD = {"Exception", "BaseException"}


def unexplained_ignores(source: Source) -> list[int]:
    """Lines with a noqa or type: ignore that names no code or no reason."""
    found = []
    for line, comment in source.comments():
        if NOQA.search(comment) and not NOQA_WITH_REASON.search(comment):
            found.append(line)
        if TYPE_IGNORE.search(comment) and not TYPE_IGNORE_WITH_REASON.search(comment):
            found.append(line)
    return found


def unexplained_broad_excepts(source: Source) -> list[int]:
    """Lines with an `except` for everything and no comment on that line."""
    explained = {line for line, comment in source.comments() if len(comment.split()) >= 4}
    return [
        node.lineno
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler) and _is_broad(node) and node.lineno not in explained
    ]


def _is_broad(handler: ast.ExceptHandler) -> bool:
    caught = handler.type
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(kind is None or ast.unparse(kind) in BROAD for kind in kinds)


@pytest.mark.parametrize("source", sources(*ALL_FOLDERS), ids=lambda source: str(source.path))
def test_suppressions_carry_a_reason(source: Source) -> None:
    assert unexplained_ignores(source) == []
    assert unexplained_broad_excepts(source) == []
