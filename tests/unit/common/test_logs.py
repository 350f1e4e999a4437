"""A message cannot forge a line of the log."""

import logging

from common.logs import LineFormatter


def test_control_characters_are_escaped() -> None:
    formatter = LineFormatter("%(asctime)s %(levelname)s %(message)s")
    record = logging.LogRecord(
        "x", logging.WARNING, "f", 1, "cloned %s", ("a\n2026 ERROR forged\x1b[2J",), None
    )
    record.created = 0.0
    assert formatter.format(record) == (
        "1970-01-01T00:00:00.000Z WARNING cloned a\\n2026 ERROR forged\\x1b[2J"
    )
