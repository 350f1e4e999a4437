"""What an engine has started and nobody watches over any more is ended; nothing else is."""

import os
import subprocess
from pathlib import Path

from orchestration.adapters.strays import end_strays
from tests.builders.waiting import until

# It works in the folder, a child of it elsewhere; a server has a session of its own.
ENGINE = """
(cd /; exec sleep 300) &
(cd /; exec setsid sleep 301) & echo $! >server
echo >begun
wait
"""


def begin(folder: Path, script: str, **variables: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        ["/bin/sh", "-c", script], cwd=folder, start_new_session=True,
        env={"PATH": "/usr/bin:/bin", **variables},
    )  # fmt: skip


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}/cwd").exists()


def test_an_engine_goes_with_its_children_and_its_servers_stay(tmp_path: Path) -> None:
    folder, other = tmp_path / "R-000001-x", tmp_path / "R-0000011-x"
    folder.mkdir()
    other.mkdir()
    engine = begin(folder, ENGINE, HOME=f"{folder}/home")
    # Somebody looks into the folder; a run of a similar name is at work.
    onlooker, stranger = begin(folder, "sleep 302"), begin(other, "sleep 303", HOME=f"{other}/home")
    try:
        until((folder / "begun").exists)
        server = int((folder / "server").read_text())
        until(lambda: os.getsid(server) == server)
        assert end_strays(folder) == 2
        engine.wait(10)
        assert is_alive(server)
        assert (onlooker.poll(), stranger.poll()) == (None, None)
        assert end_strays(folder) == 0
    finally:
        for one in (engine, onlooker, stranger):
            one.kill()
            one.wait()
        subprocess.run(["/bin/kill", "-9", str(server)], check=False)
