"""Trailers of new commits are acted on once, by the rules that hold for people."""

from datetime import date
from typing import Any

import pytest

from ledger import selectors, services
from ledger.models import DebtItem, ExtensionRequest, Registration, TrailerNotice
from tests.builders.git_history import History
from tests.integration.ledger.conftest import DUE, accept, carts, in_days

HOSTS = f"Debt: hosts, owner=core [{DUE}]: the hosts are listed by hand"


def say(shop: History, *lines: str) -> str:
    """A commit as a forge squashes it: the trailers are not in the last paragraph."""
    body = "\n".join(lines)
    shop.commit(
        f"Do it (#12)\n\n* first try\n\n{body}\n\n* second try\n\nCo-authored-by: Ann <a@x.org>\n",
        {"shop/log.py": f"# {shop.head}\n"},
    )
    return shop.head


def hosts() -> DebtItem:
    return DebtItem.objects.get(slug="hosts")


def notices() -> list[tuple[str, str]]:
    return list(TrailerNotice.objects.order_by("pk").values_list("line", "reason"))


def test_debt_with_no_place_in_code(shop: History, analyse: Any) -> None:
    analyse()
    commit = say(shop, HOSTS)
    analyse()
    item = hosts()
    assert (item.state, item.origin, item.owner) == ("proposed", "trailer", "core")
    assert (item.title, item.due_on) == ("The hosts are listed by hand", date.fromisoformat(DUE))
    assert (item.present, item.path) == (None, "")
    event = selectors.debt_detail(item.pk).events[0]
    assert (event.actor_name, event.payload["head"]) == ("system", commit)
    say(shop, HOSTS.replace("core", "sales"))
    analyse()
    assert (hosts().version, hosts().owner) == (1, "core")
    assert notices() == []
    assert not selectors.history_verify().breaks


def test_a_mark_in_the_code_beats_a_trailer_of_its_id(shop: History, analyse: Any) -> None:
    analyse()
    say(shop, f"Debt: carts, owner=sales [{DUE}]: carts")
    analyse()
    assert (carts().owner, carts().origin, carts().version) == ("payments", "annotation", 1)


@pytest.mark.parametrize("is_started", [True, False])
def test_a_payment(shop: History, analyse: Any, approver: Any, is_started: bool) -> None:
    analyse()
    accept(carts(), approver)
    if is_started:
        services.debt_start_repayment(actor=approver, item_id=carts().pk)
    shop.commit(
        "Pay\n\nDebt-Paid: carts: they live in the database\n", {"shop/cart.py": "items = []\n"}
    )
    analyse()
    assert (carts().state, carts().resolution, carts().present) == ("repaid", "paid", False)
    evidence = selectors.debt_detail(carts().pk).evidence[0]
    assert (evidence.kind, evidence.reference) == ("trailer", shop.head)
    assert evidence.note == "they live in the database"
    assert not selectors.history_verify().breaks
    again = carts().version
    say(shop, "Debt-Paid: carts")
    analyse()
    assert (carts().version, notices()) == (again, [])


def test_what_cannot_be_paid_is_told_to_its_author(
    shop: History, analyse: Any, approver: Any
) -> None:
    analyse()
    say(shop, "Debt-Paid: carts", "Debt-Paid: unknown", "Debt-paid: carts", "Debt: carts and more")
    analyse()
    assert [line for line, _ in notices()] == [
        "Debt-Paid: carts",
        "Debt-Paid: unknown",
        "Debt-paid: carts",
        "Debt: carts and more",
    ]
    reasons = " ".join(reason for _, reason in notices())
    assert "not accepted yet" in reasons
    assert "no debt 'unknown'" in reasons
    assert "Write it as Debt-Paid" in reasons
    assert {row.author for row in TrailerNotice.objects.all()} == {"Ann"}
    assert carts().state == "proposed"


def test_a_human_decision_beats_a_trailer(shop: History, analyse: Any, approver: Any) -> None:
    analyse()
    say(shop, HOSTS)
    analyse()
    services.debt_reject(actor=approver, item_id=hosts().pk, reason="is wanted")
    say(shop, HOSTS.replace("by hand", "in a file"), "Debt-Paid: hosts")
    analyse()
    assert hosts().state == "rejected"
    assert ["rejected" in reason for _, reason in notices()] == [True, True]


def test_a_trailer_for_paid_debt_is_a_relapse(shop: History, analyse: Any, approver: Any) -> None:
    analyse()
    say(shop, HOSTS)
    analyse()
    accept(hosts(), approver)
    paid = say(shop, "Debt-Paid: hosts")
    analyse()
    assert hosts().state == "repaid"
    say(shop, HOSTS)
    analyse()
    assert hosts().state == "repaying"
    say(shop, "Debt-Paid: hosts")
    analyse()
    shop.commit(f"Revert\n\nThis reverts commit {paid}.\n", {"shop/b.py": "x = 1\n"})
    analyse()
    assert hosts().state == "repaid"  # the payment that counts is another one
    shop.commit(f"Revert\n\nThis reverts commit {shop.sha('main^')}.\n", {"shop/b.py": "x = 2\n"})
    analyse()
    assert hosts().state == "repaying"
    assert not selectors.history_verify().breaks


def test_a_revert_takes_the_trailer_back_and_its_revert_brings_it_again(
    shop: History, analyse: Any, approver: Any
) -> None:
    analyse()
    said = say(shop, HOSTS)
    analyse()
    accept(hosts(), approver)
    shop.commit(f"Revert\n\nThis reverts commit {said[:12]}.\n", {"shop/b.py": "x = 1\n"})
    analyse()
    assert (hosts().state, hosts().closed_from) == ("rolled_back", "active")
    shop.commit(f"Reapply\n\nThis reverts commit {shop.head}.\n", {"shop/b.py": "x = 2\n"})
    analyse()
    assert hosts().state == "active"
    assert not selectors.history_verify().breaks


def test_an_extension_is_only_asked_for(shop: History, analyse: Any, approver: Any) -> None:
    analyse()
    later = in_days(150)
    say(shop, f"Debt-Extend: carts [{later}]: the supplier is late")
    analyse()
    assert "not accepted yet" in notices()[0][1]
    accept(carts(), approver)
    before = carts()
    commit = say(
        shop,
        f"Debt-Extend: carts [{later}]: the supplier is late",
        f"Debt-Extend: carts [{in_days(3)}]: earlier",
    )
    analyse()
    assert (carts().version, carts().due_on) == (before.version, before.due_on)
    asked = ExtensionRequest.objects.get()
    assert (asked.due_on, asked.reason, asked.commit) == (later, "the supplier is late", commit)
    assert (asked.state, asked.author) == ("open", "Ann")
    assert len(notices()) == 2


def test_the_first_registration_takes_over_what_is_still_owed(shop: History, analyse: Any) -> None:
    say(shop, HOSTS, f"Debt: paid, owner=core [{DUE}]: x", "Debt: this is broken")
    said = say(shop, "Debt-Paid: paid", f"Debt: gone, owner=core [{DUE}]: x")
    shop.commit(f"Revert\n\nThis reverts commit {said}.\n", {"shop/b.py": "x = 1\n"})
    say(shop, "Debt-Paid: paid")
    analyse()
    assert set(DebtItem.objects.values_list("slug", flat=True)) == {"carts", "hosts"}
    assert notices() == []


def test_trailers_are_acted_on_once(shop: History, analyse: Any) -> None:
    analyse()
    say(shop, HOSTS, "Debt-Paid: unknown")
    snapshot = analyse()
    version = hosts().version
    services.annotations_register(snapshot_id=snapshot)
    Registration.objects.update(head=shop.sha("main^"))
    services.annotations_register(snapshot_id=snapshot)
    assert (hosts().version, len(notices())) == (version, 1)


def test_a_rebase_says_nothing_new_and_a_dropped_commit_is_taken_back(
    shop: History, analyse: Any, approver: Any
) -> None:
    analyse()
    base = shop.head
    say(shop, HOSTS)
    say(shop, f"Debt: mail, owner=core [{DUE}]: mail is sent in line")
    analyse()
    accept(hosts(), approver)
    say(shop, "Debt-Paid: hosts")
    analyse()
    assert hosts().state == "repaid"
    version = hosts().version
    shop.move("main", base).commit("first", {"shop/first.py": "x = 1\n"})
    say(shop, HOSTS)
    say(shop, "Debt-Paid: hosts")
    analyse()
    assert (hosts().state, hosts().version) == ("repaid", version)
    assert DebtItem.objects.get(slug="mail").state == "rolled_back"


def test_a_dropped_commit_that_named_known_debt_again_takes_nothing_back(
    shop: History, analyse: Any
) -> None:
    analyse()
    first = say(shop, HOSTS)
    say(shop, HOSTS)
    analyse()
    shop.move("main", first).commit("another way", {"shop/first.py": "x = 1\n"})
    analyse()
    assert hosts().state == "proposed"


def test_of_a_history_of_many_reverts_all_count(
    shop: History, analyse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.services.commit_reading.MOST_LOOKUPS", 1)
    for _ in range(3):
        say(shop, f"This reverts commit {shop.head}.")
    named = say(shop, HOSTS)
    say(shop, f"This reverts commit {named}.")
    analyse()
    assert not DebtItem.objects.filter(slug="hosts").exists()


def test_hostile_trailers(shop: History, analyse: Any) -> None:
    analyse()
    say(
        shop,
        f"Debt: bidi, owner=core [{DUE}]: left \u202etfel",
        f"Debt: l\u0430st, owner=core [{DUE}]: a Cyrillic letter",
        f"Debt: long, owner=core [{DUE}]: {'x' * 5_000}",
        "Debt: day, owner=core [2027-02-30]: no such day",
        f"Debt: at, owner=@core [{DUE}]: x",
        f"Debt: dots, owner=.. [{DUE}]: nobody bears such a handle",
        f"Debt: markup, owner=core [{DUE}]: <script>alert(1)</script>",
    )
    analyse()
    assert set(DebtItem.objects.values_list("slug", flat=True)) == {"carts", "markup"}
    reasons = [reason for _, reason in notices()]
    assert len(reasons) == 6
    assert "does not exist" in " ".join(reasons)
    assert all("\u202e" not in line for line, _ in notices())
