"""Running several programs as one: all are up, or all are stopped.

A program that ends is started again after a pause; one that keeps ending stops them all. Every
program leads a process group of its own, so that its helpers end with it.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from displace.embedded import keeper
from displace.embedded.terminal import Terminal

POLL_SECONDS = 0.1
# A program may end this often within the window; then starting it again would not help.
MOST_ENDS = 5
WINDOW_SECONDS = 60.0
# The pause before a program is started again grows by this with each end in the window.
PAUSE_SECONDS = 0.5
# How long a program may take to stop. A long analysis is not waited for: its row lets the next
# start take it up again.
STOP_SECONDS = 3.0


class KeepsEnding(Exception):
    """A program cannot be kept running; the message is one line."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, and what to call it."""

    name: str
    command: Sequence[str]


class Supervisor:
    """Keeps the programs running until a signal arrives."""

    def __init__(
        self,
        terminal: Terminal,
        programs: Sequence[Program],
        *,
        environment: Mapping[str, str],
        folder: Path,
    ) -> None:
        self._terminal = terminal
        self._keeper = _Keeper()
        self._environment = environment
        self._folder = folder
        self._width = max(len(program.name) for program in programs)
        self._kept = [_Kept(program, self) for program in programs]
        self._is_stopping = False

    def run(self, on_started: Callable[[], object]) -> None:
        """Start all, call `on_started`, keep all running; return when all are stopped.

        Raises KeepsEnding when a program ended again and again.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._request_stop)
        try:
            for kept in self._kept:
                kept.start()
            on_started()
            while not self._is_stopping:
                for kept in self._kept:
                    kept.tend()
                time.sleep(POLL_SECONDS)
        finally:
            self._is_stopping = True
            self._stop_all()

    def _request_stop(self, *_: Any) -> None:
        self._is_stopping = True

    def _stop_all(self) -> None:
        for kept in self._kept:
            kept.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        while any(kept.is_running for kept in self._kept) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        for kept in self._kept:
            kept.kill()
        self._keeper.end()

    def launch(self, program: Program) -> "subprocess.Popen[str]":
        """Start a program whose lines are printed with its name, and that outlives nobody."""
        process = subprocess.Popen(
            program.command,
            env=self._environment,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        self._keeper.keep(process.pid)
        threading.Thread(target=self._relay, args=(program.name, process), daemon=True).start()
        return process

    def release(self, group: int) -> None:
        """Forget a process group that has ended."""
        self._keeper.release(group)

    def say(self, text: str) -> None:
        """Print a line of the supervisor's own."""
        self._terminal.line(text)

    def _relay(self, name: str, process: "subprocess.Popen[str]") -> None:
        for line in process.stdout or ():
            # A program that is being stopped complains about its stopped helpers: not news.
            if not self._is_stopping:
                self._terminal.line(f"{name:{self._width}} | {line.rstrip()}")


class _Kept:
    """One program: its process, and how often it has ended lately."""

    def __init__(self, program: Program, supervisor: Supervisor) -> None:
        self._program = program
        self._supervisor = supervisor
        self._process: subprocess.Popen[str] | None = None
        self._start_at = 0.0
        self._ends: deque[float] = deque(maxlen=MOST_ENDS + 1)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        self._process = self._supervisor.launch(self._program)

    def tend(self) -> None:
        """Start the program again if it has ended. Raises KeepsEnding."""
        if self._process is None:
            if time.monotonic() >= self._start_at:
                self.start()
            return
        status = self._process.poll()
        if status is None:
            return
        self.kill()
        now = time.monotonic()
        self._ends.append(now)
        lately = sum(now - end < WINDOW_SECONDS for end in self._ends)
        if lately > MOST_ENDS:
            raise KeepsEnding(
                f"{self._program.name} ended {lately} times within a minute, so everything was "
                "stopped; its last lines above say why"
            )
        self._start_at = now + PAUSE_SECONDS * lately
        self._supervisor.say(f"{self._program.name} {_end(status)}; it is started again.")

    def ask_to_stop(self) -> None:
        if self._process is not None:
            self._process.terminate()

    def kill(self) -> None:
        """End the program and its helpers at once."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._supervisor.release(self._process.pid)
        self._process = None


def _end(status: int) -> str:
    if status < 0:
        return f"was killed ({signal.Signals(-status).name})"
    return f"ended by itself (status {status})"


class _Keeper:
    """The process that kills the programs when this one is killed outright."""

    def __init__(self) -> None:
        reading, self._writing = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", keeper.__file__],
            stdin=reading,
            # A signal from the terminal is for the supervisor only.
            start_new_session=True,
        )
        os.close(reading)

    def keep(self, group: int) -> None:
        self._tell(f"{keeper.KEEP}{group}\n")

    def release(self, group: int) -> None:
        self._tell(f"{keeper.RELEASE}{group}\n")

    def end(self) -> None:
        os.close(self._writing)
        self._process.wait()

    def _tell(self, line: str) -> None:
        # Without a keeper the programs still run and can still be stopped.
        with suppress(BrokenPipeError):
            os.write(self._writing, line.encode())
