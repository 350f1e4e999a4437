"""Apprise in a process apart: it is asked on stdin and answers on stdout, in JSON.

Run by `common.adapters.child`, without Django and without this program's secrets. Apprise speaks to
any address, follows redirects and waits as it likes; so it gets one message, so many seconds and so
much memory. An Apprise URL can also name a file to be read and sent, so none is: see `confine`.
"""

import json
import logging
import mimetypes
import os
import resource
import signal
import sys
import zoneinfo
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import apprise

# Of what the library says about a failure (characters).
MOST_SAID = 2000
# A service may answer with any number of bytes; the library keeps them all.
MOST_MEMORY = 1 << 30
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Audit events of what a message to a service needs nothing of (docs.python.org, "Audit events").
_NEVER = (
    "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile", "os.system",
    "pty.spawn", "subprocess.Popen",
    "os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir",
    "os.symlink", "os.truncate", "sqlite3.connect", "syslog.openlog", "syslog.syslog",
)  # fmt: skip


def main() -> None:
    """Answer one question and end."""
    question = json.load(sys.stdin)
    # Should whoever asked be gone, this process ends all the same.
    signal.alarm(int(question["seconds"]) + 1)
    answers, sys.stdout = sys.stdout, sys.stderr
    confine()
    json.dump(answer(question), answers)
    answers.flush()


def confine() -> None:
    """From here on this process reads code only, writes nothing, starts nothing, and stays small.

    This holds the library to what an Apprise URL may ask of it; it holds no hostile code.
    """
    for limit, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        with suppress(ValueError, OSError):  # not every system has every limit
            resource.setrlimit(limit, (most, most))
    sys.dont_write_bytecode = True
    # Not the folder that it was started in: the database may be there.
    own = Path.cwd().resolve()
    folders = {Path(one).resolve() for one in (*sys.path, *zoneinfo.TZPATH) if one} - {own}
    places = tuple(f"{one}{os.sep}" for one in folders)
    files = frozenset(str(Path(one).resolve()) for one in (*mimetypes.knownfiles, "/dev/urandom"))
    sys.addaudithook(_watcher(places, files))


def _watcher(
    places: tuple[str, ...], files: frozenset[str]
) -> Callable[[str, tuple[Any, ...]], None]:
    def watch(event: str, details: tuple[Any, ...]) -> None:
        if event in _NEVER:
            raise PermissionError(f"{event} is not allowed here")
        if event == "socket.connect" and isinstance(details[1], str | bytes):
            raise PermissionError("sockets of this machine are not allowed here")
        if event == "open" and not isinstance(details[0], int):
            path = str(Path(os.fsdecode(details[0])).resolve())
            is_code = path.startswith(places) or path in files
            if not is_code or details[2] & _WRITES:
                raise PermissionError("files are not allowed here")

    return watch


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """`is_known`, whether there is such a service; `is_sent` and `said` after a send."""
    asset = apprise.AppriseAsset(
        app_id="Displace",
        app_desc="Displace",
        app_url="",
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
    service = apprise.Apprise.instantiate(question["url"], asset=asset, suppress_exceptions=True)
    if service is None or isinstance(service, list):
        return {"is_known": False}
    if question["action"] == "check":
        return {"is_known": True}
    if "overflow=" not in question["url"]:
        # A long message goes on in a second one: the link to the rest stands at its end.
        service.overflow_mode = apprise.OverflowMode.SPLIT
    speaker = apprise.Apprise(asset=asset)
    speaker.add(service)
    capture = apprise.LogCapture(  # type: ignore[no-untyped-call] # the library leaves it out
        level=logging.WARNING, fmt="%(message)s"
    )
    with capture as log:
        result = speaker.notify(
            title=question["title"],
            body=question["body"],
            body_format=apprise.NotifyFormat.TEXT,
            interpret_escapes=False,
        )
        said = str(log.getvalue())[:MOST_SAID]
    return {"is_known": True, "is_sent": bool(result), "said": said}


if __name__ == "__main__":
    main()
