"""Other people's programs, run so that nothing of them is left when we say so, or are gone.

Between us and the command stands `supervisor.py`. It notices by a closed pipe that this process
has ended, however it ended, and takes the whole tree with it.
"""

import base64
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_SUPERVISOR = Path(__file__).with_name("supervisor.py")
# Somebody who cancels waits for it; asking may cost a query.
_ASK_SECONDS = 0.5
_TAIL = 4000
# The supervisor needs a moment to end a tree; without it we end the supervisor.
_END_SECONDS = 15.0
CUT_OFF = "… more was said than is kept"


@dataclass(frozen=True)
class Ended:
    """The command has ended by itself. `status` is negative when a signal killed it."""

    status: int
    # The end of what it said, for a message that explains.
    tail: str


class ProcessCanceled(Exception):
    """`is_canceled` said so; the command and what belongs to it are gone."""


class ProcessTimedOut(Exception):
    """Its time was over; the command and what belongs to it are gone."""


class ProcessLost(Exception):
    """The supervisor ended without a word; the command was killed with it."""


def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    seconds: float,
    on_line: Callable[[str], None],
    is_canceled: Callable[[], bool] = lambda: False,
    stdin: bytes | None = None,
    kills_daemons: bool = False,
    user: str | None = None,
    most_bytes: int = 8_000_000,
    grace_seconds: float = 0.0,
    longest_line: int = 64 * 1024,
    removes: Path | None = None,
) -> Ended:
    """Run a command to its end, and give every line that it says to `on_line`.

    It has exactly the environment that is passed and runs in a session of its own, as `user` where
    one is named (only root may). A program that is not there ends with status 127, as in a shell.
    Daemons that it leaves with a session of their own survive; everything else ends with it. With
    `kills_daemons` they go, too, when it does not end by itself or is canceled in that very moment.
    `grace_seconds`: on cancel and timeout it gets SIGTERM first and so long. `removes` is a folder
    that goes, too, when it does not end by itself: nobody else may be there to do it. After
    `most_bytes` no line is passed on.
    Raises ProcessCanceled, ProcessTimedOut, ProcessLost, and whatever `on_line` and `is_canceled`
    raise; the tree is gone then, too.
    """
    order = {
        "argv": list(argv),
        "cwd": str(cwd),
        "env": dict(env),
        "stdin": base64.b64encode(stdin or b"").decode(),
        "kills_daemons": kills_daemons,
        "user": user,
        "grace": grace_seconds,
        "removes": str(removes or ""),
    }
    lines = _Lines(on_line, most_bytes, longest_line)
    with _supervised(order, grace_seconds) as (supervisor, status_pipe):
        until = time.monotonic() + seconds
        said = b""
        for chunk, is_status in _chunks(supervisor, status_pipe, until, is_canceled):
            if is_status:
                said += chunk
            else:
                lines.feed(chunk)
        lines.end()
        _take(supervisor)
    try:
        status = int(json.loads(said)["status"])
    except ValueError:
        raise ProcessLost("The process that watches over the command was killed.") from None
    return Ended(status=status, tail=lines.tail)


@contextmanager
def _supervised(
    order: dict[str, Any], grace: float
) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """The supervisor with its order; when the block is left, it and everything below is gone."""
    status_out, status_in = os.pipe()
    try:
        supervisor = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_SUPERVISOR)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={},
            start_new_session=True,
            pass_fds=(status_in,),
        )
    except BaseException:  # whatever it was, the pipe must not stay
        os.close(status_out)
        raise
    finally:
        os.close(status_in)
    try:
        assert supervisor.stdin is not None  # noqa: S101 - for the type checker: it is a pipe
        told = json.dumps({**order, "status_fd": status_in}).encode()
        supervisor.stdin.write(f"{len(told):010}".encode() + told)
        supervisor.stdin.flush()
        yield supervisor, status_out
    finally:
        _end(supervisor, grace)
        os.close(status_out)


def _chunks(
    supervisor: "subprocess.Popen[bytes]",
    status_pipe: int,
    until: float,
    is_canceled: Callable[[], bool],
) -> Iterator[tuple[bytes, bool]]:
    """What the command says, and at the end what the supervisor says (True).

    The status comes in one piece, or not at all when the supervisor was killed. What the command
    said is in its pipe by then; a daemon may hold that open for ever, so that its end is no sign
    of anything.
    """
    assert supervisor.stdout is not None  # noqa: S101 - for the type checker: it is a pipe
    output = supervisor.stdout.fileno()
    os.set_blocking(output, False)
    ask_at = 0.0
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        selector.register(status_pipe, selectors.EVENT_READ)
        while True:
            now = time.monotonic()
            if now >= until:
                raise ProcessTimedOut
            if now >= ask_at:
                if is_canceled():
                    raise ProcessCanceled
                ask_at = now + _ASK_SECONDS
            ready = {key.fd for key, _ in selector.select(min(_ASK_SECONDS, until - now))}
            if output in ready:
                chunk = _read(output)
                if chunk:
                    yield chunk, False
                else:
                    selector.unregister(output)
            elif status_pipe in ready:
                yield os.read(status_pipe, 4096), True
                break
    while chunk := _read(output):
        yield chunk, False


def _take(supervisor: "subprocess.Popen[bytes]") -> None:
    """Tell the supervisor that we have its answer: daemons may stay, as after any command."""
    assert supervisor.stdin is not None  # noqa: S101 - for the type checker: it is a pipe
    with suppress(BrokenPipeError):
        supervisor.stdin.write(b"+")
        supervisor.stdin.flush()


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, 65536)
    except BlockingIOError:
        return b""


def _end(supervisor: "subprocess.Popen[bytes]", grace: float) -> None:
    """Close our pipe, which ends the tree, and wait until it has.

    Meanwhile what it still says is read: a program that cannot write dies before it has tidied up.
    """
    if supervisor.stdin is not None:
        # It may have ended before it took its order.
        with suppress(OSError):
            supervisor.stdin.close()
    if supervisor.stdout is not None:
        _drain(supervisor, grace)
        supervisor.stdout.close()
    try:
        supervisor.wait(timeout=grace + _END_SECONDS)
    except subprocess.TimeoutExpired:
        os.kill(supervisor.pid, signal.SIGKILL)
        supervisor.wait()


def _drain(supervisor: "subprocess.Popen[bytes]", grace: float) -> None:
    assert supervisor.stdout is not None  # noqa: S101 - for the type checker: it is a pipe
    os.set_blocking(supervisor.stdout.fileno(), False)
    until = time.monotonic() + grace
    while grace and supervisor.poll() is None and time.monotonic() < until:
        if not _read(supervisor.stdout.fileno()):
            time.sleep(0.05)


@dataclass
class _Lines:
    """Puts bytes together to lines and lets only so many pass."""

    tell: Callable[[str], None]
    left: int
    longest: int
    begun: bytearray = field(default_factory=bytearray)
    tail: str = ""

    def feed(self, chunk: bytes) -> None:
        *whole, rest = chunk.split(b"\n")
        for part in whole:
            self._add(part)
            self._say()
        self._add(rest)

    def end(self) -> None:
        if self.begun:
            self._say()

    def _add(self, part: bytes) -> None:
        self.begun += part[: max(0, self.longest - len(self.begun))]

    def _say(self) -> None:
        text = self.begun.decode(errors="replace").rstrip("\r")
        self.begun.clear()
        self.tail = f"{self.tail}{text}\n"[-_TAIL:]
        if self.left <= 0:
            return
        self.left -= len(text) + 1
        self.tell(text if self.left > 0 else CUT_OFF)
