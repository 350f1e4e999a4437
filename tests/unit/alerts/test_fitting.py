"""A message too large for a service drops detail, then rows, and never the link to the rest."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.channels.fitting import fitted, without_last_rows
from alerts.domain.messages import Message
from tests.builders.alert_messages import hostile_messages, message


def size_of(one: Message) -> int:
    return len(repr(one))


def smallest_that_fits(one: Message, most: int) -> Message:
    return fitted(one, lambda smaller: smaller, lambda smaller: size_of(smaller) <= most)


def test_what_fits_stays_as_it_is() -> None:
    whole = message()
    assert smallest_that_fits(whole, 10**6) == whole


def test_impact_goes_first_then_links_then_rows_from_the_end() -> None:
    whole = message(rows=10, more=4)
    without_impact = smallest_that_fits(whole, size_of(whole) - 100)
    assert [one.impact for one in without_impact.rows] == [""] * 10
    assert all(offer.url for one in without_impact.rows for offer in one.offers)
    without_links = smallest_that_fits(whole, size_of(without_impact) - 100)
    assert not any(offer.url for one in without_links.rows for offer in one.offers)
    assert all(offer.token for one in without_links.rows for offer in one.offers)
    fewer = smallest_that_fits(whole, size_of(without_links) - 100)
    assert [one.item_id for one in fewer.rows] == list(range(1, 10))
    assert fewer.more == 5


def test_rows_left_out_are_counted_behind_a_link() -> None:
    one = without_last_rows(replace(message(rows=3), more=0, more_url=""), 1)
    assert (len(one.rows), one.more, one.more_url) == (1, 2, one.url)


@settings(max_examples=50)
@given(hostile_messages(), st.integers(0, 30_000))
def test_the_count_and_the_link_survive_any_limit(hostile: Message, most: int) -> None:
    small = smallest_that_fits(hostile, most)
    assert small.more + len(small.rows) == hostile.more + len(hostile.rows)
    assert small.more_url == hostile.more_url
    assert small.title or not hostile.title
