"""A command that a page or a document tells people to run exists."""

import re

from django.core.management import get_commands

from tests.architecture.sources import ROOT

NAMED = re.compile(r"manage\.py ([a-z_]+)")


def test_every_named_command_exists() -> None:
    texts = [
        *ROOT.glob("templates/**/*.html"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("*.md"),
    ]
    named = {
        (command, path.name)
        for path in texts
        for command in NAMED.findall(path.read_text(encoding="utf-8"))
    }
    assert len(named) > 5
    assert {(command, name) for command, name in named if command not in get_commands()} == set()
