"""Running several programs as one: all are up, or all are stopped.

honcho starts the programs, relays their output and stops them. Added here: a closed terminal
stops everything too, a signal during the start is not lost, the programs end when this process
is killed outright, and the caller learns which program failed.
"""

import os
import signal
import threading
from collections.abc import Callable
from multiprocessing import connection, parent_process
from typing import Any

from honcho.manager import SYSTEM_PRINTER_NAME, Manager
from honcho.printer import Message
from honcho.process import Process

from displace.embedded.terminal import Terminal

RETRY_SECONDS = 0.1


class Supervisor(Manager):  # type: ignore[misc]  # honcho is untyped
    """Runs the added programs until one of them ends or a signal arrives."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(printer=_Relay(terminal))
        self._process_ctor = _MortalProcess
        # The program that ended by itself, and its exit status.
        self.failure: tuple[str, int] | None = None
        # Called once, when all programs have been launched.
        self.on_started: Callable[[], object] = lambda: None

    def loop(self) -> None:
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        super().loop()

    def _start(self) -> None:
        super()._start()
        self.on_started()

    def terminate(self) -> None:
        """Stop all programs. Called by honcho on a signal and when a program has ended."""
        if not self._all_started():
            # The process ids are not known yet: ask again in a moment.
            again = threading.Timer(RETRY_SECONDS, os.kill, (os.getpid(), signal.SIGTERM))
            again.daemon = True
            again.start()
            return
        if not self._terminating:
            self._note_failure()
            self._printer.is_stopping = True
        super().terminate()

    def _note_failure(self) -> None:
        for name, program in self._processes.items():
            if program.get("returncode") is not None:
                self.failure = (name, program["returncode"])


class _Relay:
    """Prints the programs' lines, each with the program's name; honcho's own are left out."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self.width = 0  # set by honcho
        self.is_stopping = False

    def write(self, message: Message) -> None:
        # A program that is being stopped complains about its stopped helpers: not news.
        if message.name == SYSTEM_PRINTER_NAME or self.is_stopping:
            return
        data = message.data
        text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
        for line in text.splitlines():
            self._terminal.line(f"{message.name:{self.width}} | {line}")


class _MortalProcess(Process):  # type: ignore[misc]  # honcho is untyped
    """A program that is killed when the supervisor is gone."""

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        threading.Thread(target=self._outlive_nobody, daemon=True).start()
        super().run(events, ignore_signals)

    def _outlive_nobody(self) -> None:
        supervisor = parent_process()
        if supervisor is None:
            return
        connection.wait([supervisor.sentinel])
        if self._child is not None:
            os.killpg(self._child.pid, signal.SIGKILL)
