"""A push to the default branch is told to the server: at once, later, once, and never lost."""

import json
import time
import uuid
from pathlib import Path

import pytest

from tests.fakes.receiver import Receiver, receiver
from tests.functional.hook_script.conftest import Place, eventually


def waiting(bare: Place) -> list[Path]:
    return sorted((bare.path / "displace" / "spool").glob("*.json"))


def log(bare: Place) -> str:
    path = bare.path / "displace" / "log"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def push(work: Place, *arguments: str) -> None:
    work.git("push", "--quiet", "origin", *(arguments or ("main",)))


def test_a_push_arrives_signed(work: Place, served: Place, listening: Receiver) -> None:
    work.commit("one", a="x = 1\n")
    push(work)
    assert eventually(lambda: listening.tips == [("refs/heads/main", work.head)])
    assert eventually(lambda: not waiting(served))
    assert listening.statuses == [202]
    assert listening.events[0]["schema"] == 1
    assert str(uuid.UUID(listening.deliveries[0], version=4)) == listening.deliveries[0]
    assert listening.events[0]["repository"] == str(served.path)


def test_only_the_default_branch_counts(work: Place, served: Place, listening: Receiver) -> None:
    work.commit("one", a="x = 1\n")
    push(work)
    assert eventually(lambda: len(listening.tips) == 1)
    work.git("tag", "v1")
    push(work, "v1")
    work.git("switch", "--quiet", "--create", "other")
    work.commit("two", b="y = 1\n")
    push(work, "other")
    push(work, "--delete", "other")
    assert not waiting(served)
    work.git("switch", "--quiet", "main")
    work.commit("three", c="z = 1\n")
    push(work, "main", "other", "v1:refs/tags/v2")
    assert eventually(lambda: listening.tips[1:] == [("refs/heads/main", work.head)])


def test_the_pusher_does_not_wait(work: Place, served: Place, listening: Receiver) -> None:
    listening.seconds = 8.0
    work.commit("one", a="x = 1\n")
    before = time.monotonic()
    push(work)
    assert time.monotonic() - before < 7.0
    assert eventually(lambda: len(listening.tips) == 1)


def test_a_server_that_is_away_for_a_while(work: Place, served: Place, listening: Receiver) -> None:
    served.git("config", "displace.patience", "0")
    served.git("config", "displace.url", "http://127.0.0.1:9")
    pushed = []
    for number in range(3):
        work.commit(f"commit {number}", a=f"x = {number}\n")
        push(work)
        pushed.append(("refs/heads/main", work.head))
    assert eventually(lambda: "does not answer" in log(served))
    assert len(waiting(served)) == 3
    served.git("config", "displace.url", listening.url)
    done = served.hook("drain", fine=True)
    assert done.stderr == ""
    assert listening.tips == pushed
    assert not waiting(served)


def test_the_background_goes_on_trying(work: Place, served: Place, listening: Receiver) -> None:
    listening.answer = 503
    work.commit("one", a="x = 1\n")
    push(work)
    assert eventually(lambda: "answers 503" in log(served))
    listening.answer = 0
    assert eventually(lambda: listening.tips == [("refs/heads/main", work.head)])
    assert eventually(lambda: not waiting(served))


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "is the secret"), (404, "such an endpoint"), (413, "answers 413"), (302, "answers 302")],
)
def test_a_refused_event_stays_and_the_log_says_why(
    work: Place, served: Place, listening: Receiver, status: int, said: str
) -> None:
    listening.answer = status
    listening.headers = {"Location": "http://127.0.0.1:9/elsewhere"}
    work.commit("one", a="x = 1\n")
    push(work)
    assert eventually(lambda: said in log(served))
    done = served.hook("drain")
    assert (done.returncode, len(waiting(served))) == (1, 1)
    assert "1 waiting" in done.stderr
    listening.answer = 0
    served.hook("drain", fine=True)
    assert listening.tips == [("refs/heads/main", work.head)]


def test_an_event_that_is_refused_holds_up_no_other(
    work: Place, served: Place, listening: Receiver
) -> None:
    listening.answer = 422
    work.commit("one", a="x = 1\n")
    push(work)
    work.commit("two", a="x = 2\n")
    push(work)
    assert eventually(lambda: listening.statuses.count(422) >= 2)
    assert len(waiting(served)) == 2


def test_an_event_sent_twice_bears_the_same_delivery(
    work: Place, served: Place, listening: Receiver
) -> None:
    served.git("config", "displace.url", "http://127.0.0.1:9")
    served.git("config", "displace.patience", "0")
    work.commit("one", a="x = 1\n")
    push(work)
    assert eventually(lambda: "does not answer" in log(served))
    served.git("config", "displace.url", listening.url)
    (event,) = waiting(served)
    kept = event.read_bytes()
    served.hook("drain", fine=True)
    event.write_bytes(kept)  # as if the power had failed after the answer
    served.hook("drain", fine=True)
    assert listening.statuses == [202, 200]
    assert len(listening.events) == 1


def test_many_waiting_events_become_one(work: Place, served: Place, listening: Receiver) -> None:
    spool = served.path / "displace" / "spool"
    spool.mkdir(parents=True)
    for number in range(60):
        update = {"ref": "refs/heads/main", "old": f"{number:040d}", "new": f"{number + 1:040d}"}
        event = {"delivery": str(number), "updates": [update]}
        (spool / f"{number:020d}-1.json").write_text(json.dumps(event), encoding="ascii")
    served.hook("drain", fine=True)
    assert listening.tips == [("refs/heads/main", f"{60:040d}")]
    assert listening.events[0]["updates"][0]["old"] == f"{0:040d}"
    assert not waiting(served)


def test_what_is_no_event_is_set_aside(served: Place, listening: Receiver) -> None:
    spool = served.path / "displace" / "spool"
    spool.mkdir(parents=True)
    for name, text in (("1", ""), ("2", "[]"), ("3", '{"delivery": 1}'), ("4", "\x00")):
        (spool / f"{name}.json").write_text(text, encoding="utf-8")
    served.hook("drain", fine=True)
    assert sorted(path.name for path in spool.iterdir()) == [f"{n}.json.bad" for n in "1234"]
    assert log(served).count("holds no event") == 4


def test_a_secret_that_others_may_read_is_not_used(
    work: Place, served: Place, listening: Receiver, secret_file: Path
) -> None:
    secret_file.chmod(0o644)
    work.commit("one", a="x = 1\n")
    push(work)
    assert eventually(lambda: "chmod 600" in log(served))
    assert listening.statuses == []
    secret_file.chmod(0o600)
    served.hook("drain", fine=True)
    assert listening.statuses == [202]


@pytest.mark.parametrize("key", ["url", "endpoint", "secretFile"])
def test_what_is_not_configured_is_named(
    work: Place, served: Place, listening: Receiver, key: str
) -> None:
    served.git("config", "--unset", f"displace.{key}")
    work.commit("one", a="x = 1\n")
    push(work)
    assert eventually(lambda: f"displace.{key}" in log(served))
    assert len(waiting(served)) == 1


def test_the_log_does_not_grow_for_ever(served: Place) -> None:
    folder = served.path / "displace"
    (folder / "spool").mkdir(parents=True)
    (folder / "log").write_text("x" * 300_000, encoding="ascii")
    (folder / "spool" / "1.json").write_text("{}", encoding="ascii")
    served.hook("drain", fine=True)
    assert (folder / "log").stat().st_size < 1000
    assert (folder / "log.1").stat().st_size == 300_000


def test_several_drains_at_once_send_each_event_once(
    work: Place, served: Place, listening: Receiver
) -> None:
    listening.seconds = 0.1
    for number in range(6):
        work.commit(f"commit {number}", a=f"x = {number}\n")
        push(work)
    assert eventually(lambda: len(listening.events) == 6 and not waiting(served))
    assert len(set(listening.deliveries)) == 6
    assert listening.statuses == [202] * 6


def test_the_servers_own_hook_is_kept_and_called(
    work: Place, served: Place, listening: Receiver
) -> None:
    hook = served.path / "hooks" / "post-receive"
    served.hook("uninstall", "--server", fine=True)
    assert not hook.exists()
    served.write("hooks/post-receive", "#!/bin/sh\ncat > pushed\necho from theirs\n").chmod(0o755)
    theirs = hook.read_text(encoding="utf-8")
    for _ in range(2):  # again changes nothing
        served.hook("install", "--server", fine=True)
    work.commit("one", a="x = 1\n")
    assert "from theirs" in work.git("push", "origin", "main").stderr
    assert work.head in (served.path / "pushed").read_text(encoding="utf-8")
    assert eventually(lambda: len(listening.tips) == 1)
    served.hook("uninstall", "--server", fine=True)
    assert hook.read_text(encoding="utf-8") == theirs
    assert not (served.path / "hooks" / "displace_hook.py").exists()


def test_a_push_goes_through_without_python(work: Place, served: Place) -> None:
    (Path(work.environment["HOME"]) / "bin" / "python3").unlink()
    hook = served.path / "hooks" / "post-receive"
    hook.write_text(hook.read_text().replace("python3", "no-such-python"), encoding="utf-8")
    work.commit("one", a="x = 1\n")
    push(work)
    assert served.git("rev-parse", "main").stdout.strip() == work.head


def test_a_spool_that_cannot_be_written_stops_no_push(work: Place, served: Place) -> None:
    (served.path / "displace").write_text("in the way", encoding="ascii")
    work.commit("one", a="x = 1\n")
    done = work.git("push", "origin", "main")
    assert "displace: not checked" in done.stderr
    assert served.git("rev-parse", "main").stdout.strip() == work.head


def test_another_branch_can_be_named(work: Place, served: Place, listening: Receiver) -> None:
    served.git("config", "displace.branch", "trunk")
    work.commit("one", a="x = 1\n")
    push(work, "main", "main:trunk")
    assert eventually(lambda: listening.tips == [("refs/heads/trunk", work.head)])


def test_the_secret_is_in_no_argument_and_no_file(
    work: Place, served: Place, listening: Receiver, secret_file: Path
) -> None:
    secret = secret_file.read_text(encoding="ascii").strip()
    listening.seconds = 1.0
    work.commit("one", a="x = 1\n")
    push(work)
    assert eventually(lambda: bool(waiting(served)))
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            assert secret.encode() not in process.read_bytes()
        except OSError:
            continue  # it has ended
    assert eventually(lambda: len(listening.tips) == 1)
    for path in served.path.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes()


def test_a_receiver_that_comes_back_within_a_push(
    work: Place, served: Place, secret_file: Path
) -> None:
    with receiver() as state:
        port = state.port
    served.git("config", "displace.url", f"http://127.0.0.1:{port}")
    work.commit("one", a="x = 1\n")
    push(work)
    assert eventually(lambda: "does not answer" in log(served))
    with receiver(port, state):
        assert eventually(lambda: state.tips == [("refs/heads/main", work.head)])
        assert eventually(lambda: not waiting(served))


def test_a_repository_that_is_no_repository(tmp_path: Path, bare: Place) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    done = bare.hook("drain", str(folder))
    assert done.returncode == 2
    assert "is no repository" in done.stderr
    assert list(folder.iterdir()) == []
