"""Unleash beside its database: it gives flags to whoever has the token, and keeps them."""

import json
from typing import Any
from urllib.request import Request, build_opener

import pytest

from orchestration.adapters.probes import probe

OPEN = build_opener().open


def asked(flags: Any, path: str, body: object = None, **headers: str) -> Any:
    data = None if body is None else json.dumps(body).encode()
    given = {"Content-Type": "application/json", **headers}
    with OPEN(Request(f"{flags.outputs['url']}{path}", data, given)) as answer:  # noqa: S310 - our own address
        return answer.headers, json.loads(answer.read() or "{}")


def signed_in(flags: Any) -> str:
    who = {"username": flags.outputs["username"], "password": flags.outputs["password"]}
    headers, _answer = asked(flags, "/auth/simple/login", who)
    return str(headers["Set-Cookie"].split(";")[0])


@pytest.mark.slow
def test_flags_are_given_out_and_kept(build: Any) -> None:
    db = build("postgresql", "db")
    db.apply()
    flags = build("feature-flags", "flags", others={"db": db.outputs})
    assert flags.apply().changed > 0
    assert flags.outputs["token"] not in flags.told.text
    seen = probe("feature-flags", flags.outputs, flags.parameters, seconds=30)
    assert seen.sentences == ("It gives out 0 flags to whoever has the token.",)
    assert seen.is_well

    new = {"name": "new-cart", "type": "release"}
    asked(flags, "/api/admin/projects/default/features", new, Cookie=signed_in(flags))
    assert flags.apply().changed == 0
    assert flags.differences() == ()

    # A larger tier keeps what there is.
    flags.tier = "medium"
    assert flags.apply().changed > 0
    _headers, found = asked(flags, "/api/client/features", Authorization=flags.outputs["token"])
    assert [one["name"] for one in found["features"]] == ["new-cart"]

    flags.destroy()
    assert flags.remains() == ()
    gone = probe("feature-flags", flags.outputs, flags.parameters, seconds=2)
    assert "cannot be used" in gone.sentences[0]
