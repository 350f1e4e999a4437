"""Every setting and every command is documented, and nothing else is."""

import re

from django.core.management import get_commands

from displace.settings import environment
from tests.architecture.sources import APPS, ROOT

VARIABLE = re.compile(r"`(DISPLACE_[A-Z_]+)`")
COMMAND_HEADING = re.compile(r"^## `([a-z_]+)", re.MULTILINE)


def test_settings_are_documented() -> None:
    text = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    documented = {name for name in VARIABLE.findall(text) if not name.startswith("DISPLACE_TEST_")}
    assert documented == set(environment.names_read)


def test_commands_are_documented() -> None:
    own = {name for name, app in get_commands().items() if app in APPS}
    text = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    assert set(COMMAND_HEADING.findall(text)) == own
