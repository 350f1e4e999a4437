"""Commands typed in a room, down to the ledger."""

from typing import Any

import pytest
from django.core.cache import cache

from accounts import services as accounts_services
from accounts.domain.roles import Role
from alerts.models import ChatIdentity, GivenAnswer, LinkCode
from alerts.services import identities
from alerts.services.chat_commands import command_run
from ledger.models import DebtItem, ExtensionRequest
from ledger.selectors import answers_of, debt_get
from tests.builders.debts import in_days, make_active_debt, make_debt, make_person

pytestmark = pytest.mark.django_db
ROOM = {"kind": "matrix", "workspace": "example.org", "channel_id": None}


@pytest.fixture(autouse=True)
def no_guesses() -> None:
    cache.clear()


def say(text: str, *, who: str = "@ann:example.org") -> str | None:
    return command_run(text=text, chat_id=who, chat_name=who, **ROOM)


@pytest.fixture
def ann() -> Any:
    return make_person("ann")


@pytest.fixture
def boss() -> Any:
    return make_person("boss", Role.APPROVER)


@pytest.fixture
def debt(ann: Any, boss: Any) -> DebtItem:
    return make_active_debt(ann, boss)


@pytest.fixture
def linked(ann: Any) -> Any:
    answer = say(f"!debt link {identities.code_make(user=ann)}")
    assert answer is not None
    assert "speak here as Ann (ann)" in answer
    return ann


@pytest.mark.parametrize("text", ["", "hello", "debt list", "a !debt list", "!debts list", "\x00"])
def test_other_talk_is_left_alone(text: str) -> None:
    assert say(text) is None


def test_help_needs_nobody_to_be_known() -> None:
    assert "!debt snooze D-12 3d" in str(say("!debt"))
    assert say("  !DEBT help  ") == say("!debt")


@pytest.mark.parametrize("command", ["ack", "snooze {} 3d", "extend {} 2027-03-01 x", "start {}"])
def test_a_stranger_changes_nothing(debt: DebtItem, command: str) -> None:
    text = f"!debt {command}".replace("ack", "ack {}").format(debt.reference)
    assert "I do not know who you are" in str(say(text))
    assert debt_get(debt.pk).version == debt.version
    assert not GivenAnswer.objects.exists()


def test_seen(linked: Any, debt: DebtItem) -> None:
    assert say(f"!debt ack {debt.reference}") == f"{debt.reference}: Ann has seen it."
    assert answers_of([debt.pk])[debt.pk].seen_by == "ann"
    given = GivenAnswer.objects.get()
    assert (given.user, given.via, given.is_done) == (linked, "matrix", True)


def test_put_off_within_the_ledgers_cap(linked: Any, debt: DebtItem) -> None:
    assert "put it off until" in str(say(f"!debt snooze {debt.pk} 3d"))
    assert answers_of([debt.pk])[debt.pk].snoozed_until == in_days(3)
    assert "at the latest" in str(say(f"!debt snooze {debt.pk} 40w"))
    assert [one.is_done for one in GivenAnswer.objects.order_by("pk")] == [True, False]


def test_an_owner_asks_for_more_time(linked: Any, debt: DebtItem) -> None:
    said = say(f"!debt extend {debt.pk} {in_days(30)} the vendor is late")
    assert "an approver decides" in str(said)
    asked = ExtensionRequest.objects.get()
    assert (asked.due_on, asked.reason) == (in_days(30), "the vendor is late")
    assert debt_get(debt.pk).due_on == debt.due_on


def test_an_approver_who_does_not_own_it_extends(boss: Any, debt: DebtItem) -> None:
    say(f"!debt link {identities.code_make(user=boss)}", who="@boss:example.org")
    said = say(f"!debt extend {debt.pk} {in_days(30)} agreed", who="@boss:example.org")
    assert "Boss extended the promise" in str(said)
    assert debt_get(debt.pk).due_on == in_days(30)
    assert not ExtensionRequest.objects.exists()


def test_repayment_starts(linked: Any, debt: DebtItem) -> None:
    assert "started the repayment" in str(say(f"!debt start {debt.pk}"))
    assert debt_get(debt.pk).state == "repaying"
    assert "only active debt can take this step" in str(say(f"!debt start {debt.pk}"))


def test_a_role_that_is_too_low_is_refused(boss: Any, debt: DebtItem) -> None:
    viewer = make_person("vera", Role.VIEWER)
    say(f"!debt link {identities.code_make(user=viewer)}", who="@vera:example.org")
    assert "role" in str(say(f"!debt ack {debt.pk}", who="@vera:example.org"))
    assert not GivenAnswer.objects.get().is_done


def test_the_list_is_short_and_of_ones_own(linked: Any, boss: Any) -> None:
    assert say("!debt list") == "You and your teams owe nothing."
    make_debt(boss, title="Somebody else's")
    for number in range(12):
        make_debt(linked, title=f"Number {number} " + "x" * 150, due_on=in_days(10 + number))
    lines = str(say("!debt list")).split("\n")
    assert len(lines) == 11
    assert "Number 0" in lines[0]
    assert "due on" in lines[0]
    assert "Somebody" not in "".join(lines)
    assert lines[-1].startswith("More: ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("!debt pay D-1", "do not know this command"),
        ("!debt ack", "!debt ack D-12"),
        ("!debt ack D-1 D-2", "!debt ack D-12"),
        ("!debt snooze D-1", "!debt snooze D-12 3d"),
        ("!debt snooze D-1 0d", "Between 1 and 366"),
        ("!debt snooze D-1 soon", "Write the date as"),
        ("!debt extend D-1 2027-03-01", "!debt extend D-12"),
        ("!debt extend D-1 1.3.2027 x", "Write the date as"),
        ("!debt ack D-99999", "There is no debt"),
        ("!debt ack D-999999999999", "There is no debt"),
        ("!debt link", "!debt link CODE"),
    ],
)
def test_what_cannot_be_done_is_said(linked: Any, text: str, said: str) -> None:
    assert said in str(say(text))


def test_a_code_counts_once(ann: Any) -> None:
    code = identities.code_make(user=ann)
    assert "as Ann" in str(say(f"!debt link {code}"))
    assert "This code is wrong" in str(say(f"!debt link {code}", who="@eve:example.org"))
    assert ChatIdentity.objects.get().chat_id == "@ann:example.org"


def test_a_code_is_read_as_people_type_it(ann: Any) -> None:
    code = identities.code_make(user=ann)
    assert "as Ann" in str(say(f"!debt link {code[:4].lower()} - {code[4:].lower()}"))


def test_a_new_code_ends_the_one_before(ann: Any) -> None:
    first, second = identities.code_make(user=ann), identities.code_make(user=ann)
    assert "This code is wrong" in str(say(f"!debt link {first}"))
    assert "as Ann" in str(say(f"!debt link {second}"))


def test_a_code_is_not_stored(ann: Any) -> None:
    code = identities.code_make(user=ann)
    assert code not in str(list(LinkCode.objects.values()))


def test_guessing_ends_soon(ann: Any) -> None:
    for _ in range(identities.MOST_GUESSES):
        assert "This code is wrong" in str(say("!debt link AAAABBBB"))
    # Even the right one does not help any more.
    assert "many wrong codes" in str(say(f"!debt link {identities.code_make(user=ann)}"))
    assert not ChatIdentity.objects.exists()


def test_a_person_who_left_is_nobody(linked: Any, debt: DebtItem) -> None:
    code = identities.code_make(user=linked)
    accounts_services.user_deactivate(user=linked)
    assert "I do not know who you are" in str(say(f"!debt ack {debt.pk}"))
    assert "This code is wrong" in str(say(f"!debt link {code}", who="@new:example.org"))


def test_the_same_name_on_another_server_is_another_person(linked: Any, debt: DebtItem) -> None:
    for other in (
        {"kind": "matrix", "workspace": "evil.org"}, {"kind": "slack", "workspace": "example.org"}
    ):  # fmt: skip
        said = command_run(
            text=f"!debt ack {debt.pk}", chat_id="@ann:example.org", chat_name="Ann",
            channel_id=None, **other,
        )  # fmt: skip
        assert "I do not know who you are" in str(said)


def test_unlinking(linked: Any, debt: DebtItem) -> None:
    assert "forgotten" in str(say("!debt unlink"))
    assert "I do not know who you are" in str(say(f"!debt ack {debt.pk}"))
    assert "did not know" in str(say("!debt unlink"))
