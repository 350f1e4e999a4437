"""What strangers send to find out what breaks: a clear refusal, never a failure."""

from http import HTTPMethod
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from ledger.models import DebtItem
from tests.functional.api.conftest import Api, complete
from tests.functional.api.test_access import assert_problem

DEEP = b"[" * 200_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"5",
        b'"text"',
        b"[]",
        b"[{}]",
        b"NaN",
        b'{"line": NaN}',
        b'{"line": Infinity}',
        b"\xff\xfe",
        b'{"title": "\xc3\x28"}',
        b"\x00",
        DEEP,
        b'{"plan":' * 5000,
        b'{"line": ' + b"9" * 10_000 + b"}",
        b'{"estimate": {"interest": {"p10": 1e999, "p50": 1e999, "p90": 1e999}}}',
        b'{"title": {"$ne": null}}',
        b"title=text",
        "{}".encode("utf-16"),
    ],
    ids=repr,
)
def test_a_body_that_is_no_debt(contributor: Api, body: bytes) -> None:
    response = contributor.raw(HTTPMethod.POST, "debts", body)
    assert_problem(response, 400, "invalid")
    assert len(response.content) < 2_000
    assert not DebtItem.objects.exists()


def test_a_body_that_is_too_large(contributor: Api) -> None:
    body = b'{"title": "' + b"x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + b'"}'
    assert_problem(contributor.raw(HTTPMethod.POST, "debts", body), 413, "too-large")
    assert_problem(
        contributor.raw(HTTPMethod.POST, "debts", body, Idempotency_Key="k"), 413, "too-large"
    )


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "nonsense",
    ],
)
def test_a_body_of_another_kind(contributor: Api, content_type: str) -> None:
    response = contributor.raw(HTTPMethod.POST, "debts", b"{}", content_type)
    assert_problem(response, 415, "unsupported-media-type")


def test_a_body_of_unknown_length(contributor: Api) -> None:
    response = contributor.raw(HTTPMethod.POST, "debts", b"{}", Transfer_Encoding="chunked")
    assert_problem(response, 411, "length-required")


def test_json_is_utf_8_whatever_the_header_says(contributor: Api) -> None:
    for charset in ("utf-7", "nonsense"):
        response = contributor.raw(
            HTTPMethod.POST, "debts", b'{"title": 1}', f"application/json; charset={charset}"
        )
        assert response.status_code in (400, 415)


def test_only_json_is_answered(viewer: Api) -> None:
    assert_problem(viewer.get("debts", Accept="text/csv"), 406, "not-acceptable")
    assert viewer.get("debts", Accept="text/html, */*;q=0.1").status_code == 200
    assert viewer.get("debts?page_size=1", Accept="nonsense").status_code in (200, 406)


@pytest.mark.parametrize(
    "path",
    [
        "debts/%00",
        "debts/D-1%00",
        "debts/..%2f..%2fetc",
        "debts/D-1'--",
        "debts/%ff",
        "debts/" + "1" * 5000,
        "debts/D-%D9%A1",
        "repositories/%00/files",
        "repositories/a%2fb",
        "repositories/%F0%9F%98%80",
        "snapshots/-1",
        "snapshots/99999999999999999999",
        "snapshots/%D9%A1",
        "analyses/1e5",
    ],
)
def test_an_address_that_names_nothing(viewer: Api, path: str) -> None:
    assert_problem(viewer.get(path), 404, "not-found")


@pytest.mark.parametrize(
    "query", ["owner=%ff", "q=%ED%A0%80", "q=%25%5F", "cursor=" + "A" * 3000, "page_size=٣", "&&=&"]
)
def test_a_query_of_odd_bytes(viewer: Api, query: str) -> None:
    assert viewer.get(f"debts?{query}").status_code in (200, 400)


@pytest.mark.parametrize("header", ["", '"', '"1', "W/", "\x00", '"1" "2"', "x" * 8000])
def test_a_precondition_that_cannot_be_read(contributor: Api, header: str) -> None:
    reference = contributor.post("debts", complete()).json()["reference"]
    response = contributor.patch(f"debts/{reference}", {"severity": "low"}, If_Match=header)
    assert_problem(response, 400, "invalid")
    assert contributor.get(f"debts/{reference}").json()["severity"] == "medium"


def test_texts_come_back_as_they_were(contributor: Api) -> None:
    title = "<script>alert(1)</script> =cmd() “ünïcode” \U0001f4a5 ' OR 1=1 --"
    made = contributor.post("debts", complete(title=title)).json()
    assert made["title"] == title
    response = contributor.get(f"debts/{made['reference']}")
    assert response["Content-Type"] == "application/json"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]


def test_unknown_names_do_not_blow_up_the_answer(contributor: Api) -> None:
    body = {f"{'n' * 500}{number}": 1 for number in range(1000)}
    response = contributor.post("debts", body)
    assert_problem(response, 400, "invalid")
    assert len(response.content) < 20_000


def test_a_failure_of_the_program_is_a_problem_too(
    viewer: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any) -> None:
        raise RuntimeError("secret of the machine")

    monkeypatch.setattr("ledger.selectors.debts_filtered", fail)
    client = Client(raise_request_exception=False, headers=viewer.headers)
    response = client.get("/api/v1/debts")
    assert_problem(response, 500, "failed")
    assert b"secret" not in response.content
