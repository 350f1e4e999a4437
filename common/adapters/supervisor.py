"""The process between us and a command: when we are gone, so is all that the command started.

Started as a program by `processes.run`, with the standard library only. It is told on its standard
input what to run; when that closes, because we said so or were killed, it ends the whole tree. When
the command ends by itself it says so, and waits for the byte that takes the answer. As a subreaper
(Linux) it becomes the parent of every process that lost its own, so that none gets away by forking.
Where the system has no subreapers, the command's own session is all that is ended.
"""

import base64
import ctypes
import json
import os
import pwd
import select
import shutil
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

_SET_DEATH_SIGNAL = 1
_SET_CHILD_SUBREAPER = 36
# How often we look, in seconds; the end of the command and of our pipe wake us at once.
_LOOK = 0.5
# One that waits for its disk, or that we may not signal, does not stop for that long.
_STOP = 2.0
_COULD_NOT_START = 127
# The order comes with its length in front, in so many digits.
_LENGTH = 10
_OURS = os.getpid()


@dataclass(frozen=True)
class Process:
    """A row of the system's table; `began` tells it from a later process with its number."""

    pid: int
    parent: int
    session: int
    began: str
    state: str

    @property
    def is_dead(self) -> bool:
        """Whether only its row is left."""
        return self.state in "ZX"

    @property
    def is_stopped(self) -> bool:
        """Whether it surely starts no other: a signal to stop takes effect a moment later."""
        return self.state in "TtZX"


def main() -> None:
    parent = os.getppid()
    _prctl(_SET_CHILD_SUBREAPER, 1)
    order = json.loads(_read(int(_read(_LENGTH))))
    wakeup, bell = os.pipe()
    os.set_blocking(bell, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(bell, warn_on_full_buffer=False)
    # Whoever ends us means the command: we end it first.
    told = {"to end": False}
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: told.update({"to end": True}))
    command = _start(order)
    status: int | None = None
    while status is None and not told["to end"] and os.getppid() == parent:
        readable, _, _ = select.select([0, wakeup], [], [], _LOOK)
        if wakeup in readable:
            os.read(wakeup, 4096)
        status = _reap(command)
        if 0 in readable and not os.read(0, 1):
            break
    if status is None:
        _answer(order, _end(command, order))
        _remove(order)
        return
    _end_rest(command)
    _answer(order, status)
    # Whoever canceled in this very moment, or died, does not take the answer: to them it did not
    # end by itself.
    if not os.read(0, 1):
        if order["kills_daemons"]:
            _end_descendants(set(), everything=True)
        _remove(order)


def _answer(order: dict[str, Any], status: int) -> None:
    # Whoever asked may be gone.
    with suppress(BrokenPipeError):
        os.write(order["status_fd"], json.dumps({"status": status}).encode())


def _remove(order: dict[str, Any]) -> None:
    if order["removes"]:
        shutil.rmtree(order["removes"], ignore_errors=True)


def _start(order: dict[str, Any]) -> int:
    """Start the command in a session of its own and give its process id."""
    given = os.memfd_create("stdin") if hasattr(os, "memfd_create") else os.open(os.devnull, 0)
    if order["stdin"]:
        os.write(given, base64.b64decode(order["stdin"]))
        os.lseek(given, 0, os.SEEK_SET)
    pid = os.fork()
    if pid == 0:
        _become(order, given)
    os.close(given)
    # What the command says goes to whoever reads us, and we say nothing there ourselves: only
    # the command and its children keep that pipe open.
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    return pid


def _become(order: dict[str, Any], given: int) -> NoReturn:
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        # Python ignores it, and a program expects to be ended by it.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.umask(0o077)
        os.dup2(given, 0)
        os.chdir(order["cwd"])
        if order["user"]:
            _drop(order["user"])
        # After the change of user, which takes it back.
        _prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
        os.closerange(3, 1024)
        argv = order["argv"]
        os.execvpe(argv[0], argv, order["env"])  # noqa: S606 - no shell: this is what it is for
    except OSError as error:
        os.write(1, f"{order['argv'][0]}: {error.strerror}\n".encode())
    os._exit(_COULD_NOT_START)


def _drop(user: str) -> None:
    account = pwd.getpwnam(user)
    os.initgroups(user, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def _end(command: int, order: dict[str, Any]) -> int:
    """End the command because somebody wants it, and what belongs to it."""
    attached = _stopped_tree(command) if not order["grace"] else _tree(command)
    if order["grace"]:
        _signal(attached.get(command), signal.SIGTERM)
        _wait(command, order["grace"])
        # What it has started meanwhile, or left behind, is found by its session.
        attached |= _stopped_tree(command)
    for process in attached.values():
        _signal(process, signal.SIGKILL)
    _kill_group(command)
    sessions = {process.session for process in attached.values()} | {command}
    status = _wait(command, _LOOK)
    _end_descendants(sessions, everything=order["kills_daemons"])
    return -signal.SIGKILL if status is None else status


def _end_rest(command: int) -> None:
    """After the command has ended by itself: its children go, daemons that it left stay."""
    _kill_group(command)
    _end_descendants({command}, everything=False)


def _end_descendants(sessions: set[int], *, everything: bool) -> None:
    """Kill what is left below us in these sessions, or all of it, until nothing is.

    Twice in a row: a table is read row by row, and whose parent ended meanwhile hangs nowhere.
    """
    empty = 0
    for _ in range(200):
        left = [
            process
            for process in _below(_OURS, _table())
            if everything or process.session in sessions
        ]
        _reap(None)
        empty = 0 if left else empty + 1
        if empty == 2:
            return
        for process in left:
            _signal(process, signal.SIGKILL)
        time.sleep(0.01)


def _stopped_tree(command: int) -> dict[int, Process]:
    """The command and its children's children, all stopped: none can start another any more."""
    stopped: dict[int, Process] = {}
    until = time.monotonic() + _STOP
    while time.monotonic() < until:
        tree = _tree(command)
        found = {pid: one for pid, one in tree.items() if pid not in stopped}
        if not found and all(one.is_stopped for one in tree.values()):
            break
        for process in found.values():
            _signal(process, signal.SIGSTOP)
        stopped |= found
        if not found:
            time.sleep(0.01)
    return stopped


def _tree(command: int) -> dict[int, Process]:
    table = _table()
    found = {process.pid: process for process in _below(command, table)}
    if command in table and not table[command].is_dead:
        found[command] = table[command]
    return found


def _below(top: int, table: dict[int, Process]) -> list[Process]:
    """Every living process whose parents lead up to `top`."""
    children: dict[int, list[Process]] = {}
    for process in table.values():
        children.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    todo = [top]
    while todo:
        below = children.get(todo.pop(), [])
        todo += [process.pid for process in below]
        found += [process for process in below if not process.is_dead]
    return found


def _table() -> dict[int, Process]:
    try:
        numbers = [one.name for one in Path("/proc").iterdir() if one.name.isdigit()]
    except OSError:
        return {}
    return {one.pid: one for number in numbers if (one := _process(int(number))) is not None}


def _process(pid: int) -> Process | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name stands in parentheses and may hold any character.
    state, parent, _, session, *rest = text.rpartition(")")[2].split()
    return Process(pid, int(parent), int(session), rest[15], state)


def _signal(process: Process | None, number: int) -> None:
    if process is None:
        return
    now = _process(process.pid)
    if now is not None and now.began == process.began:
        with suppress(OSError):
            os.kill(process.pid, number)


def _kill_group(command: int) -> None:
    """The command's own group; where there is no /proc to look into, this is all."""
    with suppress(OSError):
        os.killpg(command, signal.SIGKILL)


def _wait(command: int, seconds: float) -> int | None:
    until = time.monotonic() + seconds
    while (status := _reap(command)) is None and time.monotonic() < until:
        time.sleep(0.01)
    return status


_ended: dict[int, int] = {}


def _reap(command: int | None) -> int | None:
    """Bury the dead; the command's own status when it is among them, negative for a signal."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            break
        if pid == 0:
            break
        _ended[pid] = os.waitstatus_to_exitcode(status)
    return None if command is None else _ended.get(command)


def _prctl(option: int, value: int) -> None:
    # Other systems than Linux do not have it.
    with suppress(AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _read(size: int) -> bytes:
    """So many bytes of the standard input, and not one more."""
    said = b""
    while len(said) < size:
        chunk = os.read(0, size - len(said))
        if not chunk:
            sys.exit(0)
        said += chunk
    return said


if __name__ == "__main__":
    main()
