"""Other people's programs: what is left of them when they end, and when we do."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from common.adapters import processes
from tests.builders.waiting import until

# Forks, leaves its session, ignores SIGTERM, forks again, and never ends.
STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for session in (False, True):
    subprocess.Popen([sys.executable, "-c", "import signal,time;"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)", sys.argv[1]],
        start_new_session=session)
print("ready", flush=True)
time.sleep(600)
"""
# As servers do it: forks, a new session, forks again, and its parents end.
DAEMON = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
os.wait()
"""


def marked(mark: str) -> list[int]:
    """The living processes that have the mark among their arguments."""
    found = []
    for path in Path("/proc").iterdir():
        try:
            words = (path / "cmdline").read_bytes().decode().split("\0")
            state = (path / "stat").read_text().rpartition(")")[2].split()[0]
        except (OSError, ValueError):
            continue
        if mark in words and state not in "ZX":
            found.append(int(path.name))
    return found


@pytest.fixture
def mark(tmp_path):
    """A word that names the processes of one test; whatever is left of them is killed."""
    word = f"mark-{tmp_path.name}-{os.getpid()}"
    yield word
    for pid in marked(word):
        os.kill(pid, signal.SIGKILL)


def run(argv, tmp_path, **changes):
    lines: list[str] = []
    given = {"env": {"PATH": os.environ["PATH"]}, "seconds": 60, "on_line": lines.append}
    ended = processes.run(argv, cwd=tmp_path, **{**given, **changes})
    return ended, lines


def python(code, *arguments):
    return [sys.executable, "-c", code, *arguments]


def test_says_what_the_command_said_and_how_it_ended(tmp_path):
    ended, lines = run(["sh", "-c", "cat; echo beside >&2; exit 3"], tmp_path, stdin=b"given\n")

    assert (ended.status, lines) == (3, ["given", "beside"])
    assert ended.tail == "given\nbeside\n"


def test_nothing_of_our_environment_is_passed_on(tmp_path, monkeypatch):
    monkeypatch.setenv("DISPLACE_SECRET", "hunter2")

    _, lines = run(["/usr/bin/env"], tmp_path, env={"ONLY": "this"})

    assert lines == ["ONLY=this"]


def test_a_program_that_is_not_there_ends_as_in_a_shell(tmp_path):
    ended, lines = run(["no-such-program"], tmp_path)

    assert ended.status == 127
    assert "no-such-program" in lines[0]


def test_a_signal_that_killed_it_is_told(tmp_path):
    ended, _ = run(["sh", "-c", "kill -KILL $$"], tmp_path)

    assert ended.status == -signal.SIGKILL


def test_what_stays_behind_in_its_session_ends_with_it(tmp_path, mark):
    code = "import subprocess, sys; subprocess.Popen(sys.argv[1:])"

    run(python(code, sys.executable, "-c", "import time; time.sleep(600)", mark), tmp_path)

    assert marked(mark) == []


def test_a_daemon_survives_the_command(tmp_path, mark):
    run(python(DAEMON, mark), tmp_path)

    assert len(marked(mark)) == 1


@pytest.mark.parametrize(("kills_daemons", "left"), [(False, 1), (True, 0)])
def test_a_daemon_survives_a_cancel_unless_it_may_not(tmp_path, mark, kills_daemons, left):
    code = f"{DAEMON}\nprint('up', flush=True)\ntime.sleep(600)"
    lines: list[str] = []

    with pytest.raises(processes.ProcessCanceled):
        run(
            python(code, mark), tmp_path, kills_daemons=kills_daemons,
            on_line=lines.append, is_canceled=lambda: bool(lines),
        )  # fmt: skip

    assert len(marked(mark)) == left


def test_a_cancel_in_the_moment_of_the_end_leaves_no_daemon(tmp_path, mark):
    folder = tmp_path / "private"
    folder.mkdir()

    def is_canceled():
        # The command has ended and nobody has taken its answer: only the daemon is left.
        until(lambda: len(marked(mark)) == 1 and (tmp_path / "ended").exists())
        time.sleep(0.5)
        return True

    code = f"{DAEMON}\nopen('ended', 'w')"
    with pytest.raises(processes.ProcessCanceled):
        run(
            python(code, mark), tmp_path, kills_daemons=True,
            is_canceled=is_canceled, removes=folder,
        )  # fmt: skip

    assert marked(mark) == []
    assert not folder.exists()


@pytest.mark.parametrize("grace", [0.0, 0.3])
def test_a_timeout_ends_those_that_do_not_want_to(tmp_path, mark, grace):
    began = time.monotonic()

    with pytest.raises(processes.ProcessTimedOut):
        run(python(STUBBORN, mark), tmp_path, seconds=1.5, grace_seconds=grace)

    assert marked(mark) == []
    assert time.monotonic() - began < 20


def test_who_gets_time_may_end_in_order(tmp_path):
    code = "trap 'touch ended; exit 0' TERM; touch begun; while :; do sleep 0.1; done"

    with pytest.raises(processes.ProcessCanceled):
        run(
            ["sh", "-c", code], tmp_path, grace_seconds=10,
            is_canceled=(tmp_path / "begun").exists,
        )  # fmt: skip

    assert (tmp_path / "ended").exists()


def test_an_error_in_the_callback_ends_the_command(tmp_path, mark):
    def fail(line):
        raise RuntimeError("the run is another's")

    with pytest.raises(RuntimeError):
        run(python(STUBBORN, mark), tmp_path, on_line=fail)

    assert marked(mark) == []


def test_when_we_are_killed_nothing_is_left(tmp_path, mark):
    order = {"argv": python(STUBBORN, mark), "cwd": str(tmp_path)}
    code = (
        "import json, sys; from pathlib import Path; from common.adapters import processes\n"
        f"order = json.loads({json.dumps(json.dumps(order))})\n"
        "processes.run(order['argv'], cwd=Path(order['cwd']), env={}, seconds=600,\n"
        "    on_line=lambda line: print(line, flush=True))"
    )
    us = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert us.stdout.readline() == b"ready\n"
    assert len(marked(mark)) == 3

    us.kill()
    us.wait()

    until(lambda: marked(mark) == [])
    us.stdout.close()


def test_when_the_supervisor_is_killed_the_command_goes_too(tmp_path, mark):
    def kill_parent(line):
        parent = int(Path(f"/proc/{line}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(parent, signal.SIGKILL)

    code = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    with pytest.raises(processes.ProcessLost):
        run(python(code, mark), tmp_path, on_line=kill_parent)

    until(lambda: marked(mark) == [])


def test_a_flood_is_cut_off_and_does_not_hold_the_command_up(tmp_path):
    ended, lines = run(
        ["sh", "-c", "head -c 30000000 /dev/zero | tr '\\0' x; yes | head -n 200000; echo end"],
        tmp_path,
        most_bytes=100_000,
        longest_line=1000,
    )

    assert ended.status == 0
    assert len(lines[0]) == 1000
    assert sum(map(len, lines)) < 110_000
    assert lines[-1] == processes.CUT_OFF
    assert ended.tail.endswith("end\n")


def test_a_daemon_that_keeps_the_pipe_open_does_not_keep_us(tmp_path, mark):
    began = time.monotonic()

    _, lines = run(python(DAEMON + "\nprint('done')", mark), tmp_path)

    assert lines == ["done"]
    assert time.monotonic() - began < 20


def test_a_folder_goes_with_what_does_not_end_by_itself(tmp_path):
    folder = tmp_path / "private"
    folder.mkdir()

    run(["true"], tmp_path, removes=folder)
    assert folder.exists()

    with pytest.raises(processes.ProcessTimedOut):
        run(["sleep", "600"], tmp_path, removes=folder, seconds=0.5)
    assert not folder.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may run a command as somebody else")
def test_root_runs_it_as_an_ordinary_user(tmp_path):
    _, lines = run(["id", "-un"], Path("/"), user="nobody")

    assert lines == ["nobody"]
