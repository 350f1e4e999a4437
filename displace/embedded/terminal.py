"""Lines for a person, with one status line that is redrawn in place on a terminal."""

import shutil
import threading
import time
from typing import TextIO

ERASE_LINE = "\r\x1b[K"
# Without a terminal a status is printed when its heading changes, and this often (seconds).
SPARSE_SECONDS = 15.0


class Terminal:
    """Safe to use from several threads."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._in_place = output.isatty()
        self._lock = threading.Lock()
        self._status = ""
        self._heading = ""
        self._printed_at = float("-inf")

    def line(self, text: str) -> None:
        """Print a line that stays."""
        with self._lock:
            if self._status:
                self._output.write(ERASE_LINE)
            self._output.write(f"{text}\n{self._status}")
            self._output.flush()

    def status(self, heading: str, detail: str = "") -> None:
        """Show how far something is: in place on a terminal, else now and then."""
        text = f"{heading} {detail}".rstrip()
        if self._in_place:
            width = shutil.get_terminal_size().columns - 1
            with self._lock:
                self._status = text[:width]
                self._output.write(f"{ERASE_LINE}{self._status}")
                self._output.flush()
            return
        now = time.monotonic()
        if heading != self._heading or now - self._printed_at >= SPARSE_SECONDS:
            self._heading, self._printed_at = heading, now
            self.line(text)

    def end_status(self) -> None:
        """Remove the status line."""
        with self._lock:
            if self._status:
                self._output.write(ERASE_LINE)
                self._output.flush()
            self._status = self._heading = ""
