"""Progress is one line on a terminal, and a few lines in a log."""

import io

from displace.embedded.terminal import ERASE_LINE, Terminal


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_log_gets_a_line_when_the_heading_changes() -> None:
    output = io.StringIO()
    terminal = Terminal(output)
    for done in range(5):
        terminal.status("Measuring files", f"{done} of 5")
    terminal.status("Reading history")
    terminal.end_status()
    assert output.getvalue() == "Measuring files 0 of 5\nReading history\n"


def test_a_terminal_keeps_the_status_below_the_lines() -> None:
    output = Screen()
    terminal = Terminal(output)
    terminal.status("Measuring", "1 of 2")
    terminal.line("worker | hello")
    terminal.end_status()
    assert output.getvalue() == (
        f"{ERASE_LINE}Measuring 1 of 2{ERASE_LINE}worker | hello\nMeasuring 1 of 2{ERASE_LINE}"
    )
