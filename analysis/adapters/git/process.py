"""Runs git: one safe environment, streamed output, bounded memory, no orphan processes."""

import os
import queue
import signal
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self, cast

import git

from analysis.adapters.git.errors import GitMissing, GitTimeout, error_from, storage_error

SHORT = 60.0  # seconds of silence allowed to a command that answers at once
LONG = 600.0  # the same for one that may have to read the whole repository

_CONFIGURATION = Path(__file__).with_name("safe.gitconfig")
_ENVIRONMENT: Final = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": str(_CONFIGURATION),
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
    "LANGUAGE": "C",
    "TZ": "UTC",
}
# What an operator may set to reach a server. Everything else that is named GIT_* is removed:
# inside a hook, for example, GIT_DIR and GIT_QUARANTINE_PATH speak of another repository.
_KEPT: Final = frozenset({"GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"})
_CHUNK = 1 << 16
_QUEUED_CHUNKS = 128  # at most 8 MiB wait between git and the reader
_KEPT_STDERR = 200
_NOTICE_STEP = 0.25


class Git:
    """Git for one repository directory. Every command passes through here."""

    def __init__(self, git_dir: Path) -> None:
        self.git_dir = git_dir
        self._runner = git.Git(str(git_dir))

    def lines(self, *arguments: str, patience: float = SHORT) -> list[str]:
        """The lines that a short command prints."""
        return self.output(*arguments, patience=patience).decode("utf-8", "replace").splitlines()

    def output(
        self, *arguments: str, stdin: Iterable[bytes] = (), patience: float = SHORT
    ) -> bytes:
        """All that a command prints. Raises a GitError when it fails."""
        with self.stream(*arguments, stdin=stdin, patience=patience) as stream:
            return b"".join(stream)

    def stream(
        self,
        *arguments: str,
        stdin: Iterable[bytes] = (),
        patience: float = LONG,
        accepted: tuple[int, ...] = (0,),
        place: str = "",
        secrets: tuple[str, ...] = (),
        on_stderr: Callable[[str], None] | None = None,
        held: tuple[int, ...] = (),
    ) -> "Stream":
        """Start a command whose output is read piece by piece; use it in a `with` block.

        `stdin` goes through a temporary file, so neither side can wait for the other.
        `patience` is the longest silence in seconds. `held` are open files the child inherits.
        """
        with _spooled(stdin) as source:
            process = self._start(arguments, source, held)
        place = place or f"The mirror {self.git_dir.name}"
        return Stream(process, patience, accepted, place, secrets, on_stderr)

    def _start(
        self, arguments: tuple[str, ...], source: IO[bytes] | None, held: tuple[int, ...]
    ) -> git.Git.AutoInterrupt:
        foreign = [
            option
            for name in os.environ
            if name.startswith("GIT_") and name not in _ENVIRONMENT and name not in _KEPT
            for option in ("-u", name)
        ]
        command = ["git", f"--git-dir={self.git_dir}", *arguments]
        try:
            process = self._runner.execute(
                ["env", *foreign, *command] if foreign else command,
                istream=cast("int | None", source),
                as_process=True,
                env=_environment(),
                start_new_session=True,
                pass_fds=held,
            )
        except git.GitCommandNotFound as error:
            raise GitMissing("The git program is not installed here; install it.") from error
        return process


class Stream:
    """The running command: iterate over its output in chunks. Leaving the block ends it.

    A thread empties each pipe, so git keeps working while the reader does something else, until
    the bounded queue is full.
    """

    def __init__(
        self,
        process: git.Git.AutoInterrupt,
        patience: float,
        accepted: tuple[int, ...],
        place: str,
        secrets: tuple[str, ...],
        on_stderr: Callable[[str], None] | None,
    ) -> None:
        self._guard = process  # GitPython ends the process when this goes out of scope
        self._process = cast("subprocess.Popen[bytes]", process.proc)
        self._output = cast("IO[bytes]", self._process.stdout)
        self._complaints = cast("IO[bytes]", self._process.stderr)
        self._patience = patience
        self._accepted = accepted
        self._place = place
        self._secrets = secrets
        self._on_stderr = on_stderr
        self._errors: deque[str] = deque(maxlen=_KEPT_STDERR)
        self._notices: deque[str] = deque(maxlen=_KEPT_STDERR)
        self._chunks: queue.Queue[bytes] = queue.Queue(_QUEUED_CHUNKS)
        self._heard = threading.Event()
        self._ended = False
        self._closed = False
        self._threads = [
            threading.Thread(target=self._pump_output, daemon=True),
            threading.Thread(target=self._pump_errors, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def __iter__(self) -> Iterator[bytes]:
        """The output; at its end the exit status is checked. Raises a GitError."""
        while chunk := self._next_chunk():
            yield chunk
        self._ended = True
        status = self._process.wait()
        self._threads[1].join()
        self._tell()
        if status not in self._accepted:
            raise error_from("\n".join(self._errors), place=self._place, secrets=self._secrets)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop git and everything it started; harmless when it has already ended."""
        if self._closed:
            return
        self._closed = True
        if self._process.poll() is None:
            _kill_group(self._process.pid)
            self._process.wait()
        while not self._ended and self._chunks.get():
            pass
        for thread in self._threads:
            thread.join()
        self._output.close()
        self._complaints.close()
        self._guard.proc = None

    def _next_chunk(self) -> bytes:
        step = min(self._patience, _NOTICE_STEP) if self._on_stderr else self._patience
        silent = 0.0
        while True:
            self._tell()
            try:
                return self._chunks.get(timeout=step)
            except queue.Empty:
                silent = 0.0 if self._heard.is_set() else silent + step
                self._heard.clear()
            if silent >= self._patience:
                raise GitTimeout(
                    f"{self._place} gave no answer for {self._patience:.0f} seconds; "
                    "try again later."
                )

    def _tell(self) -> None:
        """Pass on what git said, in the caller's thread: the listener may use a database."""
        while self._on_stderr is not None and self._notices:
            self._on_stderr(self._notices.popleft())

    def _pump_output(self) -> None:
        descriptor = self._output.fileno()
        while chunk := os.read(descriptor, _CHUNK):
            self._chunks.put(chunk)
        self._chunks.put(b"")

    def _pump_errors(self) -> None:
        for line in _stderr_lines(self._complaints.fileno()):
            self._heard.set()
            self._errors.append(line)
            self._notices.append(line)


def _environment() -> dict[str, str]:
    # Never a question on a terminal, never a wait without end.
    ssh = os.environ.get("GIT_SSH_COMMAND", "ssh -oBatchMode=yes -oConnectTimeout=30")
    return {**_ENVIRONMENT, "GIT_SSH_COMMAND": ssh}


@contextmanager
def _spooled(pieces: Iterable[bytes]) -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile(prefix="displace-git-") as spool:
        try:
            spool.writelines(pieces)
            spool.seek(0)
        except OSError as error:
            raise storage_error(error) from error
        yield spool


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def _stderr_lines(descriptor: int) -> Iterator[str]:
    """Lines that end with a line feed or, as progress does, with a carriage return."""
    rest = b""
    while chunk := os.read(descriptor, _CHUNK):
        *lines, rest = (rest + chunk).replace(b"\r", b"\n").split(b"\n")
        rest = rest[-_CHUNK:]
        yield from (line.decode("utf-8", "replace") for line in lines if line)
    if rest:
        yield rest.decode("utf-8", "replace")
