"""Statements with evidence: measured in a real history, stored, made again, judged anew."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from common import clock
from common.errors import Refused
from ledger import services
from ledger.domain.audiences import Audience
from ledger.domain.bindings import from_json
from ledger.domain.estimates import EstimateDraft, Interest, Principal
from ledger.domain.statements import LINTER_VERSION
from ledger.models import DebtItem, ImpactStatement
from ledger.selectors import actions_for, debt_detail, history_verify
from ledger.selectors.statement_evidence import (
    draft_suggestions,
    renderings,
    suggestions_for,
)
from ledger.selectors.statement_facts import Draft, item_facts
from ledger.selectors.statements import SALT, bindings_of, current_review, token_of
from tests.builders.git_history import History
from tests.integration.ledger.conftest import IMPACT, complete, in_days


@pytest.fixture
def coupled(shop: History, analyse: Any) -> Any:
    """A cart that changed 6 of 8 times together with the prices, all by one person."""
    for number in range(6):
        shop.commit(
            f"both {number}",
            {"shop/cart.py": f"items = [{number}]\n", "shop/prices.py": f"price = {number}\n"},
        )
    shop.commit("alone", {"shop/cart.py": "items = [99]\n"})
    analyse()
    return services


def place(actor: Any) -> DebtItem:
    """A debt recorded by hand at the cart."""
    repository = DebtItem._meta.get_field("repository").related_model.objects.get()
    values = complete(repository_id=repository.pk, path="shop/cart.py", impact="", slug="")
    return services.debt_record(actor=actor, **values)


def said(item: DebtItem, audience: Audience = Audience.PRODUCT) -> dict[str, Any]:
    return {one.family: one for one in suggestions_for(item, audience)}


def test_a_real_history_gives_ripple_and_key_person(coupled: Any, contributor: Any) -> None:
    item = place(contributor)
    facts = item_facts(item)
    assert facts.ripple is not None
    # The first commit changed the cart alone, as the last one did.
    assert (facts.ripple.shared, facts.ripple.revisions) == (6, 8)
    assert facts.ripple.degree == Decimal(str(round(100 * 6 / 7, 4)))
    assert facts.key_person is not None
    assert facts.key_person.truck_factor == 1
    ripple = said(item)["ripple"]
    assert "6 of the 8 changes" in ripple.text
    assert "linked with" in ripple.text
    assert facts.slow_change is None
    assert facts.failing_change is None
    assert facts.capacity is None
    place_of_file = Draft(item.repository_id, "shop/cart.py")
    drafted = {one.family for one in draft_suggestions(place_of_file, Audience.SALES)}
    assert drafted == {"ripple", "key-person"}


def test_the_bound_sentence_can_be_made_again(coupled: Any, contributor: Any) -> None:
    item = place(contributor)
    ripple = said(item)["ripple"]
    services.debt_describe(
        actor=contributor, item_id=item.pk, impact=f"Note. {ripple.text}", bindings=[ripple.token]
    )
    stored = ImpactStatement.objects.get(item=item, text__startswith="Note.")
    assert (stored.level, stored.linter_version) == (2, LINTER_VERSION)
    binding = from_json(stored.bindings[0])
    assert binding.text == ripple.text
    assert binding.slots["shared"].n == 8
    assert binding.slots["shared"].source.startswith("snapshot ")
    assert history_verify().breaks == ()
    # A later edit around the sentence keeps its evidence; an edit of its figure loses it.
    kept = services.debt_describe(
        actor=contributor, item_id=item.pk, impact=f"Customers wait. {ripple.text}"
    )
    assert kept.impact_level == 2
    forged = ripple.text.replace("6 of the 8", "7 of the 8")
    lost = services.debt_describe(actor=contributor, item_id=item.pk, impact=forged)
    assert lost.impact_level == 1


def test_evidence_of_another_file_is_none(coupled: Any, contributor: Any) -> None:
    item = place(contributor)
    ripple = said(item)["ripple"]
    other = services.debt_record(
        actor=contributor,
        **complete(
            repository_id=item.repository_id,
            path="shop/prices.py",
            slug="",
            impact=ripple.text,
            bindings=[ripple.token],
        ),
    )
    assert other.impact_level == 1
    assert ImpactStatement.objects.get(item=other).bindings == []


def test_a_token_is_nobody_elses(proposed: Any) -> None:
    good = suggestions_for(proposed, Audience.PRODUCT)[0]
    about = {"repository": None, "path": ""}
    assert bindings_of([good.token], about) == [good.offer.binding]
    for bad in (good.token[:-2], good.token + "x", "", token_of(good.offer.binding) * 90):
        with pytest.raises(Refused, match="insert the sentence again"):
            bindings_of([bad], about)
    assert SALT


def test_a_promise_that_changed_binds_no_more(proposed: Any, contributor: Any) -> None:
    expiry = said(proposed)["expiry"]
    item = services.debt_describe(
        actor=contributor, item_id=proposed.pk, impact=expiry.text, bindings=[expiry.token]
    )
    assert item.impact_level == 2
    item = services.debt_describe(actor=contributor, item_id=item.pk, due_on=in_days(20))
    # What was stored stays; what is asked for acceptance is today's.
    assert item.impact_level == 2
    assert current_review(item).level == 1


def test_acceptance_goes_by_the_rules_of_today(proposed: Any, approver: Any) -> None:
    """A statement of an earlier linter keeps its level, and has to be worded anew."""
    old = "Customers lose 40 carts a month."
    ImpactStatement.objects.filter(item=proposed).update(text=old, level=2, linter_version=1)
    DebtItem.objects.filter(pk=proposed.pk).update(impact=old, impact_level=2)
    item = DebtItem.objects.get(pk=proposed.pk)
    with pytest.raises(Refused, match="L1 now"):
        services.debt_activate(actor=approver, item_id=item.pk)
    accept = next(one for one in actions_for(approver, item) if one.name == "activate")
    assert "L1 now" in " ".join(accept.reasons)
    assert ImpactStatement.objects.get(item=item).level == 2


def test_an_estimate_that_came_later_binds_the_numbers(contributor: Any, approver: Any) -> None:
    values = complete(impact="Releases cost 2 to 9 hours a month more.", estimate=None)
    item = services.debt_record(actor=contributor, **values)
    assert item.impact_level == 1
    estimate = EstimateDraft(Principal.of(8, 16, 40), Interest.of(2, 4, 9))
    services.debt_describe(actor=contributor, item_id=item.pk, estimate=estimate)
    assert services.debt_activate(actor=approver, item_id=item.pk).state == "active"


def test_the_same_facts_for_each_audience(active: Any) -> None:
    told = {one.audience: one for one in renderings(debt_detail(active.pk))}
    assert told[Audience.PRODUCT].statement == IMPACT
    assert any("hours" in text for text in told[Audience.LEADERSHIP].sentences)
    assert not any("hours" in text for text in told[Audience.PRODUCT].sentences)
    assert not any("hour" in text or "cost" in text for text in told[Audience.SALES].sentences)
    day = f"{active.due_on.day} "
    for one in told.values():
        assert any(day in text for text in one.sentences)


def test_what_sales_should_not_read_is_withheld(active: Any, approver: Any) -> None:
    text = "The cache costs us 40 hours a month. Source: desk, May."
    services.debt_describe(actor=approver, item_id=active.pk, impact=text)
    told = {one.audience: one for one in renderings(debt_detail(active.pk))}
    assert told[Audience.SALES].statement == ""
    assert [part.match for part in told[Audience.SALES].withheld] == ["cache", "costs us 40 hours"]
    assert told[Audience.LEADERSHIP].statement == text


def test_the_history_of_earlier_programs_still_verifies(proposed: Any) -> None:
    """Events written before statements kept evidence lack the key."""
    assert history_verify().breaks == ()
    assert "bindings" in proposed.events.get().payload["statement"]
    assert clock.today() + timedelta(days=1) > clock.today()


def test_an_inserted_sentence_is_retold_to_each_audience(coupled: Any, contributor: Any) -> None:
    item = place(contributor)
    ripple = said(item)["ripple"]
    services.debt_describe(
        actor=contributor, item_id=item.pk, impact=f"Note. {ripple.text}", bindings=[ripple.token]
    )
    told = {one.audience: one for one in renderings(debt_detail(item.pk))}
    assert told[Audience.PRODUCT].statement == f"Note. {ripple.text}"
    assert "promise to customers" in told[Audience.SALES].statement
    assert "degree 86 %" in told[Audience.LEADERSHIP].statement
    for one in told.values():
        assert one.statement.startswith("Note. 6 of the 8 changes")
        assert not any("6 of the 8" in text for text in one.sentences)
