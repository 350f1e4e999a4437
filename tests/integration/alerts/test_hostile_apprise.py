"""What an Apprise URL may not ask of the machine that Displace runs on."""

import json
from pathlib import Path
from typing import Any

import pytest

from alerts.channels.apprise import MODULE, Apprise
from common.adapters import child
from common.connection_settings import BadSettings
from tests.fakes.loopback import Reply, service

TRY = """
import json, os, socket, subprocess, sys, urllib.request
from pathlib import Path
from alerts.adapters import apprise_process

question = json.load(sys.stdin)
sys.path.insert(0, question["code"])
apprise_process.confine()

def attempt(work):
    try:
        return repr(work())[:200]
    except (MemoryError, OSError) as error:
        return type(error).__name__

def unix():
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(question["file"])

answers = {
    "read": attempt(lambda: Path(question["file"]).read_text()),
    "linked": attempt(lambda: Path(question["link"]).read_text()),
    "own folder": attempt(lambda: Path("manage.py").read_text()),
    "environment": attempt(lambda: Path("/proc/self/environ").read_text()),
    "write": attempt(lambda: Path(question["file"]).write_text("x")),
    "remove": attempt(lambda: os.remove(question["file"])),
    "run": attempt(lambda: subprocess.run(["true"])),
    "shell": attempt(lambda: os.system("true")),
    "unix socket": attempt(unix),
    "memory": attempt(lambda: len(bytearray(2 << 30))),
    "http": attempt(lambda: urllib.request.urlopen(question["url"]).status),
    "code": attempt(lambda: len(Path(json.__file__).read_text()) > 0),
}
json.dump(answers, sys.stdout)
"""


def test_the_process_reads_runs_and_writes_nothing(tmp_path: Path, settings: Any) -> None:
    secret, link = tmp_path / "secret.txt", tmp_path / "link.txt"
    secret.write_text("the database's password")
    link.symlink_to(secret)
    (tmp_path / "trying.py").write_text(TRY)
    (tmp_path / "manage.py").write_text("secret")
    (tmp_path / "alerts").symlink_to(settings.BASE_DIR / "alerts")
    settings.BASE_DIR = tmp_path
    with service(lambda request: Reply(200)) as running:
        question = {
            "file": str(secret),
            "link": str(link),
            "url": running.url,
            "code": str(Path(json.__file__).parent),
        }
        answers = child.ask("trying", question, seconds=40)
    assert answers.pop("http") == "200"
    assert answers.pop("code") == "True"
    assert answers.pop("memory") == "MemoryError"
    assert set(answers.values()) == {"PermissionError"}, answers
    assert secret.read_text() == "the database's password"


def test_a_file_named_in_the_url_is_not_read(tmp_path: Path) -> None:
    """Discord's template would be filled in and sent; nothing is listening here."""
    file = tmp_path / "template.json"
    file.write_text('{"content": "secret"}')
    url = f"discord://123456789012345678/abcdefghijklmnopqrstuvwxyz?template={file}"
    question = {"action": "send", "url": url, "title": "t", "body": "b", "seconds": 40}
    found = child.ask(MODULE, question, seconds=40)
    assert not found["is_sent"]
    assert "could not be read" in found["said"]


@pytest.mark.parametrize("url", ["syslog://", "dbus://", "gnome://", "macosx://", "windows://"])
def test_the_machine_itself_is_no_service(url: str) -> None:
    with pytest.raises(BadSettings, match="machine that Displace runs on"):
        Apprise().check({"url": url})
