"""A run that is killed or canceled, what a stranger writes into a parameter, and two at once."""

import errno
import json
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from orchestration.adapters.probes import probe
from orchestration.domain.states import RunAction
from orchestration.engines import local, local_ports
from orchestration.engines.engine import Canceled, EngineFailed
from tests.builders.catalogue import ENGINE
from tests.builders.engine_jobs import job as small_job
from tests.builders.waiting import until

# Says in two ways what it was given: through a program's arguments and through a file.
ECHO = """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.command:
        expand_argument_vars: false
        argv: "{{ ['printf', '%s\\\\n'] + texts }}"
      register: printed
      changed_when: false
    - displace_answer:
        outputs: {printed: "{{ printed.stdout }}", given: "{{ texts | to_json }}"}
"""


def test_a_killed_worker_leaves_no_engine_and_the_next_run_converges(build):
    cache = build("redis", "cache")
    worker = os.fork()
    if worker == 0:
        cache.apply()
        os._exit(0)
    until(lambda: bool(_engines(cache)), 60)
    until((cache.home / "etc" / "redis.conf").exists, 120)

    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)

    until(lambda: not _engines(cache))
    assert cache.apply().changed is not None
    assert probe("redis", cache.outputs, cache.parameters, seconds=10).is_well
    assert cache.outputs["port"] == str(local_ports.ports_of(cache.home)["port"])


def _engines(built):
    """The processes of Ansible that belong to it."""
    found = local.processes_of(built.home)
    return [pid for pid, name in found.items() if "python" in name or "ansible" in name]


def test_a_cancel_of_the_first_run_leaves_nothing(build):
    cache = build("redis", "cache")

    def is_up():
        return any("redis-server" in name for name in local.processes_of(cache.home).values())

    def is_canceled():
        # Once it runs: the playbook would end before it is asked again.
        until(is_up, 120)
        return True

    with pytest.raises(Canceled):
        cache.apply(is_canceled=is_canceled, is_first=True)

    assert local.processes_of(cache.home) == {}
    ports = local_ports.ports_of(cache.home)
    assert not local_ports.is_listening(ports["port"])
    cache.destroy()
    assert cache.remains() == ()
    assert local_ports.ports_of(cache.home) == {}


def test_what_is_half_made_is_taken_away(build):
    db = build("postgresql", "db")
    local.make_home(db.home, local.account())
    (db.home / "data" / "new").mkdir()
    local_ports.take_ports(db.home, ["port"])

    db.destroy()

    assert db.remains() == ()
    assert not db.home.exists()


def test_what_is_missing_is_said_and_nothing_is_begun(build):
    db = build("postgresql", "db")
    manifest = {**db.manifest, "programs": ["initdb", "no-such-server"]}

    (lacking,) = ENGINE.missing(manifest)
    with pytest.raises(EngineFailed, match="Not on this host: no-such-server"):
        db.apply(manifest=manifest)

    assert "no-such-server" in lacking.advice
    assert not db.home.exists()


def _hostile(canary):
    touch = f"touch {canary}"
    return [
        f"{{{{ lookup('pipe', '{touch}') }}}}",
        f"{{{{ query('ansible.builtin.pipe', '{touch}') }}}}",
        f"{{% set x = lookup('pipe', '{touch}') %}}",
        f"{{# {touch} #}}{{{{ 1 + 1 }}}}",
        f'" + lookup("pipe", "{touch}") + "',
        f"!!python/object/apply:os.system ['{touch}']",
        f'!unsafe "{touch}"',
        f"!vault |\n  {touch}",
        f"x\n- hosts: localhost\n  tasks: [{{command: {touch}}}]",
        f"x'\n\"\n{touch}\n",
        f"$({touch})`{touch}`;{touch}|{touch}",
        "@/etc/passwd",
        "creates=/ chdir=/ _raw_params=id",
        "$HOME ${HOME} ~root *",
        "--help",
        "&anchor *alias <<: %TAG",
        "\u2028\u0085é😀\ufeff",
        "NO",
        "0777",
        "null",
        "2026-11-21",
        '{"__ansible_unsafe": 1}',
    ]


def test_no_text_of_a_stranger_is_ever_evaluated(tmp_path, settings):
    canary = tmp_path / "canary"
    texts = _hostile(canary)
    job = small_job(
        tmp_path, files={"provision.yml": ECHO}, parameters={"texts": texts},
        home=_home(settings, tmp_path), resource="db",
    )  # fmt: skip

    outputs = ENGINE.apply(job).outputs
    ENGINE.destroy(job)

    assert json.loads(outputs["given"]) == texts
    assert outputs["printed"] == "\n".join(texts).rstrip("\n")
    assert not canary.exists()
    assert list(job.workdir.iterdir()) == []


def _home(settings, tmp_path):
    return settings.DATA_DIR / "environments" / tmp_path.name / "db"


@pytest.mark.parametrize(
    "changes",
    [
        {"resource": "../db"},
        {"resource": "db\n"},
        {"resource": "-e"},
        {"parameters": {"ansible_connection": "ssh"}},
        {"parameters": {"ansible_python_interpreter": "/opt/mine"}},
        {"parameters": {"dpl_as": "x"}},
        {"parameters": {"x y": "z"}},
        {"parameters": {"x": "null\0byte"}},
        {"parameters": {"x": ["deep", {"er": "\x1b[31m"}]}},
        {"parameters": {"x": "half \ud800"}},
        {"parameters": {"x": {"__ansible_vault": "y"}}},
        {"secrets": {"password": "a\0b"}},
        {"files": {"provision.yml": ECHO, "../outside.yml": "x"}, "parameters": {"texts": []}},
        {"files": {"provision.yml": ECHO, "/outside.yml": "x"}, "parameters": {"texts": []}},
    ],
)
def test_what_no_playbook_may_be_given_is_refused(tmp_path, settings, changes):
    home = _home(settings, tmp_path)
    job = small_job(tmp_path, **{"files": {"provision.yml": ECHO}, "home": home, **changes})

    with pytest.raises(EngineFailed):
        ENGINE.apply(job)

    assert list(job.workdir.iterdir()) == []
    ENGINE.destroy(replace(job, files={}, resource="db", parameters={}, secrets={}))
    assert not home.exists()


def test_a_playbook_that_fails_says_why_without_its_secrets(tmp_path, settings):
    fails = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Try
      ansible.builtin.command: {argv: [sh, -c, "echo 'wrong: {{ password }}' >&2; exit 1"]}
"""
    job = small_job(
        tmp_path, files={"provision.yml": fails}, secrets={"password": "hunter2-hunter2"},
        home=_home(settings, tmp_path),
    )  # fmt: skip

    with pytest.raises(EngineFailed) as failed:
        ENGINE.apply(job)

    ENGINE.destroy(job)
    assert failed.value.message == "Try: wrong: [secret]"
    assert "hunter2" not in job.emit.text


def test_the_users_own_ansible_is_not_asked(tmp_path, settings, monkeypatch):
    monkeypatch.setenv("ANSIBLE_CALLBACK_PLUGINS", "/opt/theirs")
    monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", "/no/such/file")
    monkeypatch.setenv("DISPLACE_SECRET_KEY", "theirs")
    says = """
- hosts: localhost
  gather_facts: false
  tasks:
    - displace_answer: {outputs: {env: "{{ query('ansible.builtin.pipe', 'env') | to_json }}"}}
"""
    job = small_job(tmp_path, files={"provision.yml": says}, home=_home(settings, tmp_path))

    seen = ENGINE.apply(job).outputs["env"]

    ENGINE.destroy(job)
    assert "/opt/theirs" not in seen
    assert "VAULT" not in seen
    assert "theirs" not in seen


def test_two_at_once_never_get_one_port(tmp_path):
    homes = [tmp_path / "environments" / f"e{number}" / "db" for number in range(24)]
    together = threading.Barrier(len(homes))

    def take(home):
        together.wait()
        return local_ports.take_ports(home, ["port", "more"])

    with ThreadPoolExecutor(len(homes)) as pool:
        taken = list(pool.map(take, homes))

    ports = [port for one in taken for port in one.values()]
    assert len(set(ports)) == 2 * len(homes)
    assert [local_ports.take_ports(home, ["port", "more"]) for home in homes] == taken
    local_ports.release_ports(homes[0])
    assert local_ports.ports_of(homes[0]) == {}
    assert local_ports.ports_of(homes[1]) == taken[1]


def test_a_port_that_was_half_taken_leaves_nothing(tmp_path):
    """By whoever was killed meanwhile."""
    home, other = (tmp_path / "environments" / name / "db" for name in ("one", "two"))
    ports = tmp_path / "environments" / ".ports"
    local_ports.take_ports(home, ["port"])
    for number, one in enumerate((home, other)):
        note = json.dumps({"home": str(one), "name": "port"})
        (ports / f"draft-{number}").write_text(note, encoding="utf-8")

    local_ports.release_ports(home)

    assert [path.name for path in ports.iterdir()] == ["draft-1"]
    local_ports.release_ports(other)
    assert not list(ports.iterdir())


def test_a_port_is_not_taken_on_a_full_disk(tmp_path, monkeypatch):
    home = tmp_path / "environments" / "one" / "db"

    def full(path, *_arguments, **_options):
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(local_ports.Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        local_ports.take_ports(home, ["port"])
    assert not list((tmp_path / "environments" / ".ports").iterdir())


def test_a_repair_of_what_cannot_be_looked_at_makes_it_anew(tmp_path, settings):
    files = {"provision.yml": ECHO, "observe.yml": "- hosts: localhost\n  tasks: [{fail: {}}]\n"}
    home = _home(settings, tmp_path)
    job = small_job(
        tmp_path, files=files, home=home, action=RunAction.REPAIR, applied={"tier": "small"}
    )
    home.mkdir(parents=True)
    began = time.monotonic()

    (change,) = ENGINE.plan(job).changes

    ENGINE.destroy(job)
    assert change.details[0].startswith("It could not be looked at")
    assert time.monotonic() - began < 120
