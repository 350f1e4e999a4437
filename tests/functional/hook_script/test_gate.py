"""`displace-hook gate`: what a branch brings in, by itself and as the server sees it."""

import json
from typing import Any

import pytest

from accounts import services as accounts_services
from accounts.domain.roles import Role
from analysis import services as analysis_services
from analysis.models import Repository
from tests.functional.hook_script.conftest import GOOD, Place


def gate(place: Place, *arguments: str) -> tuple[int, dict[str, Any], str]:
    done = place.hook("gate", "--json", *arguments)
    return done.returncode, json.loads(done.stdout), done.stderr


def rules(document: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [(one["rule"], one["path"], one["line"]) for one in document["findings"]]


def branch(work: Place, **files: str) -> None:
    work.git("switch", "--quiet", "--create", "topic")
    work.commit("change", **files)


@pytest.fixture
def shop(work: Place) -> Place:
    work.commit("one", carts=GOOD, old="# DEBT(old, owner=a\n")
    return work


def test_a_good_change(shop: Place) -> None:
    branch(shop, tax=GOOD.replace("carts,", "tax,"))
    assert gate(shop)[:2] == (0, {
        "schema": 1,
        "base": shop.git("rev-parse", "main").stdout.strip(),
        "head": shop.head,
        "findings": [],
        "paid": [],
        "server": None,
    })  # fmt: skip


def test_each_rule(shop: Place) -> None:
    branch(
        shop,
        a="# DEBT(no-date, owner=a): x\n",
        b="# DEBT(no-owner) [2099-03-01]: x\n",
        c="# DEBT(nothing, owner=a) [2099-03-01]: x\n",
        d=GOOD,
        e="# DEBT(broken, owner=a, sev=hgh) [2099-03-01]: x\n",
        f='# DEBT(over, owner=a, impact="x", plan="y") [2020-03-01]: x\n',
        g="# D\u0415BT(odd, owner=a) [2099-03-01]: x\n",
    )
    status, document, _ = gate(shop)
    assert status == 0
    assert rules(document) == [
        ("missing_expiry", "a.py", 1), ("missing_owner", "b.py", 1), ("missing_impact", "c.py", 1),
        ("missing_plan", "c.py", 1), ("duplicate_annotation", "d.py", 1),
        ("malformed_annotation", "e.py", 1), ("expired_debt", "f.py", 1),
        ("malformed_annotation", "g.py", 1),
    ]  # fmt: skip


def test_it_stops_where_that_was_asked_for(shop: Place) -> None:
    branch(shop, c="# DEBT(nothing, owner=a) [2099-03-01]: x\n")
    shop.git("config", "displace.enforce", "true")
    assert gate(shop)[0] == 1
    done = shop.hook("gate")
    assert "c.py:1: missing_plan" in done.stdout


def test_what_was_there_before_is_not_held_against_the_branch(shop: Place) -> None:
    branch(shop, old="# DEBT(old, owner=a\nx = 1\n", new__carts=GOOD)
    shop.git("rm", "--quiet", "carts.py")
    shop.git("commit", "--message", "moved")
    assert rules(gate(shop)[1]) == []
    assert gate(shop)[1]["paid"] == []


def test_what_the_base_did_meanwhile_is_left_out(shop: Place) -> None:
    branch(shop, a="x = 1\n")
    shop.git("switch", "--quiet", "main")
    shop.commit("bad", bad="# DEBT(bad, owner=a\n")
    shop.git("switch", "--quiet", "topic")
    assert rules(gate(shop)[1]) == []


def test_what_is_paid(shop: Place) -> None:
    branch(shop, carts="items = Store()\n")
    assert gate(shop)[1]["paid"] == ["carts"]


@pytest.mark.parametrize("arguments", [("--base", "nothing"), ("--head", "nothing")])
def test_bad_revisions(shop: Place, arguments: tuple[str, str]) -> None:
    done = shop.hook("gate", *arguments)
    assert done.returncode == 2
    assert "names no commit" in done.stderr


def test_unrelated_histories(shop: Place) -> None:
    shop.git("switch", "--quiet", "--orphan", "other")
    shop.commit("other", b="x = 1\n")
    done = shop.hook("gate")
    assert done.returncode == 2
    assert "no common history" in done.stderr


def test_no_base(work: Place) -> None:
    work.git("switch", "--quiet", "--create", "solo")
    work.commit("one", a="x = 1\n")
    assert "--base BRANCH" in work.hook("gate").stderr


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "ftp://x", "nonsense", "http://[::1"])
def test_a_server_that_does_not_answer_blocks_nothing(shop: Place, url: str) -> None:
    branch(shop, c="# DEBT(nothing, owner=a) [2099-03-01]: x\n")
    shop.environment |= {"DISPLACE_URL": url, "DISPLACE_TOKEN": "t", "DISPLACE_REPOSITORY": "shop"}
    status, document, said = gate(shop)
    assert (status, document["server"]) == (0, None)
    assert "the server was not asked" in said
    assert len(document["findings"]) == 2


@pytest.fixture
def known(shop: Place, bare: Place, live_server: Any) -> Repository:
    """The shop, pushed, registered and analysed; the environment has the token of somebody."""
    shop.git("remote", "add", "origin", bare.path.as_uri())
    shop.git("push", "--quiet", "origin", "main")
    repository = analysis_services.repository_register(location=str(bare.path))
    analysis_services.analyse_now(repository=repository)
    user = accounts_services.user_create(username="ann", role=Role.CONTRIBUTOR)
    token = accounts_services.token_issue(user=user, name="hook")
    shop.environment |= {"DISPLACE_URL": live_server.url, "DISPLACE_TOKEN": token.secret}
    return repository


@pytest.mark.django_db(transaction=True)
def test_the_server_is_asked_by_the_address_of_origin(shop: Place, known: Repository) -> None:
    branch(shop, c="# DEBT(nothing, owner=a) [2099-03-01]: x\n")
    shop.git("push", "--quiet", "origin", "topic")
    status, document, said = gate(shop)
    assert said == ""
    assert status == 0
    server = document["server"]
    assert (server["repository"]["slug"], server["head"]) == (known.slug, shop.head)
    assert {"missing_impact", "missing_plan"} <= {one["rule"] for one in server["findings"]}
    assert "server: c.py:1: comment missing_impact" in shop.hook("gate").stdout


@pytest.mark.django_db(transaction=True)
def test_a_commit_that_the_server_does_not_have(shop: Place, known: Repository) -> None:
    branch(shop, c="# DEBT(nothing, owner=a) [2099-03-01]: x\n")
    status, document, said = gate(shop)
    assert (status, document["server"]) == (0, None)
    assert "the server was not asked (it answers 4" in said


@pytest.mark.django_db(transaction=True)
def test_a_wrong_token(shop: Place, known: Repository) -> None:
    shop.environment["DISPLACE_TOKEN"] = "wrong"
    assert "it answers 401" in gate(shop)[2]


@pytest.mark.django_db(transaction=True)
def test_an_origin_that_the_server_does_not_know(shop: Place, known: Repository) -> None:
    shop.git("remote", "set-url", "origin", "https://example.org/other.git")
    assert "set git config displace.repository" in gate(shop)[2]
