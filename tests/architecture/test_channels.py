"""One small file for each chat service, and a page that says how far each was proved."""

import ast
import re
from pathlib import Path

import pytest

from alerts.channels.kind import ChannelKind
from alerts.channels.registry import KINDS
from tests.architecture.sources import ROOT, Source, sources

# What the services share; they may import these, and nothing else of the folder.
SHARED = {"addresses", "fitting", "formats", "kind", "speaking", "text"}
HEADING = re.compile(r"^## `([a-z_]+)`$", re.MULTILINE)
TEXT = (ROOT / "docs/channels.md").read_text(encoding="utf-8")
NAMES = HEADING.findall(TEXT)
SECTIONS = dict(zip(NAMES, HEADING.split(TEXT)[2::2], strict=True))
MOST_LINES = 350


def file_of(kind: str) -> Source:
    return Source(Path(f"alerts/channels/{kind}.py"))


def test_every_kind_is_documented_once_and_nothing_else_is() -> None:
    assert len(NAMES) == len(set(NAMES))
    assert set(NAMES) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_documented_with_its_limits_and_its_proof(kind: str) -> None:
    assert re.search(r"^\*\*Limits:\*\* \S", SECTIONS[kind], re.MULTILINE)
    assert re.search(r"^\*\*Proved:\*\* \S", SECTIONS[kind], re.MULTILINE)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_kind_is_one_small_file_that_bears_its_name(kind: ChannelKind) -> None:
    source = file_of(kind.name)
    assert type(kind).__module__ == f"alerts.channels.{kind.name}"
    assert source.line_count <= MOST_LINES
    classes = [node for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef)]
    kinds = [one for one in classes if any(ast.unparse(b) == "ChannelKind" for b in one.bases)]
    assert len(kinds) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_knows_no_other(kind: str) -> None:
    inside = [
        name.split(".")[2]
        for _, name in file_of(kind).imported()
        if name.startswith("alerts.channels.")
    ]
    assert set(inside) <= SHARED


def test_every_file_of_a_service_is_registered() -> None:
    files = {one.path.stem for one in sources("alerts/channels") if len(one.path.parts) == 3}
    assert files - SHARED - {"__init__", "registry"} == set(KINDS)


def test_abilities_are_what_the_class_can_do() -> None:
    for kind in KINDS.values():
        own = type(kind).__dict__
        assert kind.abilities.edits is ("edit" in own), kind.name
        assert kind.abilities.threads is ("reply" in own), kind.name
