"""Uploading a file, its preview, and the decision."""

import json
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.domain.roles import Role
from ledger.models import DebtItem, ImportUpload
from tests.functional.web_ledger.conftest import in_days

Browse = Callable[[Role], Client]
HOSTILE = "<script>alert(1)</script>"


def post(client: Client, content: bytes, **changes: Any) -> Any:
    data = {
        "format": "waivers",
        "file": SimpleUploadedFile("waivers.json", content),
        "owner": "payments",
        "due_on": in_days(30).isoformat(),
        **changes,
    }
    return client.post(reverse("ledger:import"), data)


def waivers(*names: str) -> bytes:
    return json.dumps([{"id": name, "reason": f"Waived {name}"} for name in names]).encode()


def test_preview_then_import(browse: Browse) -> None:
    client = browse(Role.CONTRIBUTOR)
    assert client.get(reverse("ledger:import")).status_code == 200
    page = post(client, waivers("A", HOSTILE) + b"\n")
    text = page.content.decode()
    assert "Nothing is written yet" in text
    assert "Import 2 new debts" in text
    assert HOSTILE not in text
    assert not DebtItem.objects.exists()
    number = page.context["number"]
    done = client.post(reverse("ledger:import_decide"), {"upload": number})
    assert done.status_code == 200
    assert DebtItem.objects.count() == 2
    assert HOSTILE not in done.content.decode()
    # A second click imports nothing more, and says so.
    again = client.post(reverse("ledger:import_decide"), {"upload": number}, follow=True)
    assert "imported or thrown away already" in again.content.decode()
    assert DebtItem.objects.count() == 2


def test_nothing_new_and_what_vanished(browse: Browse) -> None:
    client = browse(Role.CONTRIBUTOR)
    number = post(client, waivers("A", "B")).context["number"]
    client.post(reverse("ledger:import_decide"), {"upload": number})
    text = post(client, waivers("A")).content.decode()
    assert "There is nothing to import" in text
    assert "No longer in the file" in text
    assert "Waived B" in text


def test_throwing_the_file_away(browse: Browse) -> None:
    client = browse(Role.CONTRIBUTOR)
    number = post(client, waivers("A")).context["number"]
    answer = client.post(reverse("ledger:import_decide"), {"upload": number, "discard": "1"})
    assert answer.status_code == 302
    assert not ImportUpload.objects.exists()
    assert not DebtItem.objects.exists()


def test_refusals_stand_at_their_field(browse: Browse) -> None:
    client = browse(Role.CONTRIBUTOR)
    for content, changes, field in (
        (b"{", {}, "file"),
        (b"", {}, "file"),
        (waivers("A"), {"owner": "No Body"}, "owner"),
        (waivers("A"), {"due_on": in_days(-1).isoformat()}, "due_on"),
        (waivers("A"), {"format": "xml"}, "format"),
    ):
        page = post(client, content, **changes)
        assert page.status_code == 422
        assert field in page.context["form"].errors
    page = post(client, waivers("A"), owner="")
    assert "Nobody owns it" in page.content.decode()


def test_a_viewer_may_take_out_and_not_in(browse: Browse) -> None:
    client = browse(Role.VIEWER)
    assert client.get(reverse("ledger:import")).status_code == 403
    assert client.post(reverse("ledger:import_decide"), {"upload": "1"}).status_code == 403
    answer = client.get(reverse("ledger:archive"))
    assert "attachment" in answer["Content-Disposition"]
    assert json.loads(b"".join(answer.streaming_content))["kind"] == "displace-ledger"
