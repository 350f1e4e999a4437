"""The sentences of the statement families, frozen, and how a value is written in each language.

A template is never edited: a better wording gets the next number, so that a stored statement reads
the same for ever. Its name is family, audience and number: "ripple.product.1".
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from ledger.domain.grounds import significant

TEMPLATES: Mapping[str, str] = {
    "slow-change.product.1": (
        "Features in {subject} take {ratio} times as long as changes of the same size "
        "elsewhere ({n} changes since {since})."
    ),
    "slow-change.sales.1": (
        "Customers wait {ratio} times as long for a change to {subject} as for one of the "
        "same size elsewhere (since {since})."
    ),
    "slow-change.leadership.1": (
        "Features in {subject} take {ratio} times as long as changes of the same size "
        "elsewhere ({low} to {high} times, {n} changes since {since})."
    ),
    "slow-change-may.product.1": (
        "Features in {subject} may take longer: {ratio} times as long as changes of the same "
        "size elsewhere, from {n} changes since {since}."
    ),
    "slow-change-may.sales.1": (
        "Customers may wait longer for a change to {subject}: {ratio} times as long as "
        "elsewhere, from {n} changes since {since}."
    ),
    "slow-change-may.leadership.1": (
        "Features in {subject} may take longer: {ratio} times as long as elsewhere, but {low} "
        "to {high} times is possible ({n} changes since {since})."
    ),
    "failing-change.product.1": (
        "{rate} % of the releases of {subject} since {since} failed ({n} releases)."
    ),
    "failing-change.sales.1": (
        "{rate} % of the releases of {subject} since {since} failed, so keep a reserve in "
        "each date that you promise."
    ),
    "failing-change.leadership.1": (
        "{rate} % of the {n} releases of {subject} since {since} failed (95 % interval: {low} "
        "to {high} %)."
    ),
    "failing-change-count.product.1": (
        "{failed} of the {n} releases of {subject} since {since} failed."
    ),
    "failing-change-count.sales.1": (
        "{failed} of the {n} releases of {subject} since {since} failed, so keep a reserve in "
        "each date that you promise."
    ),
    "failing-change-count.leadership.1": (
        "{failed} of the {n} releases of {subject} since {since} failed. That is too few for "
        "a rate."
    ),
    "ripple.product.1": (
        "{shared} of the {n} changes to {subject} since {since} were linked with a change in "
        "a second place. Plan features there with time for both."
    ),
    "ripple.sales.1": (
        "{shared} of the {n} changes to {subject} since {since} were linked with a second "
        "change. Dates that we promise to customers there need time for both."
    ),
    "ripple.leadership.1": (
        "{shared} of the {n} changes to {subject} since {since} were linked with a change in "
        "a second place (degree {degree} %). Each release there has to carry both."
    ),
    "key-person.product.1": (
        "Only 1 colleague knows {subject} well, going by all changes since {since}. Features "
        "there wait while that colleague is away."
    ),
    "key-person.sales.1": (
        "Only 1 colleague knows {subject} well, going by all changes since {since}. Customers "
        "wait for answers while that colleague is away."
    ),
    "key-person.leadership.1": (
        "Only 1 colleague knows {subject} well, going by {n} changes since {since}. When that "
        "colleague leaves, features there stop until somebody has learned it."
    ),
    "capacity-short.product.1": (
        "{subject} was built for {design} {unit} and had {peak} at its busiest since {since}. "
        "Customers beyond that wait."
    ),
    "capacity-short.sales.1": (
        "{subject} can serve {design} {unit}, and had {peak} at its busiest since {since}. "
        "Customers beyond that wait."
    ),
    "capacity-short.leadership.1": (
        "{subject} was built for {design} {unit} and had {peak} at its busiest since {since} "
        "({n} readings). Customers beyond that wait; we can build for more, or accept it."
    ),
    "capacity-over.product.1": (
        "{subject} was built for {design} {unit} and had at most {peak} since {since}. "
        "Features were traded for room that no customer has used."
    ),
    "capacity-over.sales.1": (
        "{subject} can serve {design} {unit}, and had at most {peak} since {since}. There is "
        "room for new customers."
    ),
    "capacity-over.leadership.1": (
        "{subject} was built for {design} {unit} and had at most {peak} since {since} ({n} "
        "readings). We can give back what it costs, or accept it."
    ),
    "promise-moved.product.1": (
        "The promise to put {subject} right was moved {times}, by {days}, from {first} to "
        "{due}. Plan features that rest on it for later."
    ),
    "promise-moved.sales.1": (
        "The promise to put {subject} right was moved {times}, by {days}, from {first} to "
        "{due}. Promise customers no feature that rests on an earlier date."
    ),
    "promise-moved.leadership.1": (
        "The promise to put {subject} right was moved {times}, by {days}, from {first} to "
        "{due}. We can pay now, or decide to accept it."
    ),
    "promise-expired.product.1": (
        "The promise to put {subject} right ended on {due}. On {today} it was {days} late: "
        "features that rest on it have no date."
    ),
    "promise-expired.sales.1": (
        "The promise to put {subject} right ended on {due}. On {today} it was {days} late: "
        "promise customers no feature that rests on it."
    ),
    "promise-expired.leadership.1": (
        "The promise to put {subject} right ended on {due}. On {today} it was {days} late. We "
        "can pay now, extend it with a reason, or accept it as a loss."
    ),
    "promise-unlikely.product.1": (
        "The promise for {due} on {subject} has a chance of {chance} % to be kept. Plan "
        "features that rest on it for later."
    ),
    "promise-unlikely.sales.1": (
        "The promise for {due} on {subject} has a chance of {chance} % to be kept. Tell no "
        "customer that day."
    ),
    "promise-unlikely.leadership.1": (
        "The promise for {due} on {subject} has a chance of {chance} % to be kept. We can "
        "move work to it, or accept a later date."
    ),
    "cost-days.product.1": (
        "Features in {subject} cost {low} to {high} more working days a month while this "
        "shortcut stays."
    ),
    "cost.leadership.1": (
        "While this shortcut stays, work on {subject} costs {low} to {high} more hours a "
        "month, most likely {middle} ({basis})."
    ),
    "cost-money.leadership.1": (
        "Waiting with {subject} costs {low} to {high} {currency} a month ({basis}). We can "
        "pay about {principal} hours before {due}, or accept the cost."
    ),
    "cost-option.leadership.1": (
        "While this shortcut stays, work on {subject} costs {low} to {high} more hours a "
        "month, most likely {middle} ({basis}). We can pay about {principal} hours before "
        "{due}, or accept the cost."
    ),
    "expiry.product.1": (
        "This shortcut expires on {due}, {days} after {today}. Plan no feature of {subject} "
        "on it beyond that day."
    ),
    "expiry.sales.1": (
        "This shortcut expires on {due}, {days} after {today}. Promise customers no feature "
        "of {subject} that rests on it beyond that day."
    ),
    "expiry.leadership.1": (
        "The shortcut in {subject} expires on {due}, {days} after {today}. Until then we can "
        "pay it back in the plan, or decide on a new date for a reason."
    ),
    "benefit.product.1": (
        "The shortcut in {subject}, recorded in {on}, saved {saved} days, so that features "
        "could go out earlier."
    ),
    "benefit.sales.1": (
        "The shortcut in {subject}, recorded in {on}, let us keep a promise to customers "
        "{saved} days earlier."
    ),
    "benefit.leadership.1": (
        "The shortcut in {subject}, recorded in {on}, saved {saved} working days of cost. "
        "What it has cost since then stands against that."
    ),
    "accepted.product.1": (
        "We accepted the risk of the shortcut in {subject} on {accepted}, for {days}, until {due}."
    ),
    "accepted.sales.1": (
        "We accepted the risk of the shortcut in {subject} on {accepted}, for {days}. "
        "Customers may notice it until {due}."
    ),
    "accepted.leadership.1": (
        "We accepted the risk of the shortcut in {subject} on {accepted}, for {days}, until "
        "{due}. Then we pay, or decide anew."
    ),
    "accepted-one-way.leadership.1": (
        "We accepted the risk of the shortcut in {subject} on {accepted}, for {days}, until "
        "{due}. It is a decision that cannot be undone at little cost."
    ),
}

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_BASIS = {
    "measured": "measured in the history",
    "prior": "from figures of the industry",
    "expert": "as our engineers estimate",
}


def render(template: str, locale: str, slots: Mapping[str, tuple[str, str]]) -> str:
    """The sentence of a template; `slots` are (value, unit) as stored.

    Raises KeyError for a template, a language or a slot that there is not.
    """
    write = LOCALES[locale]
    text = TEMPLATES[template].format(
        **{name: write(value, unit) for name, (value, unit) in slots.items()}
    )
    return text[0].upper() + text[1:]


def english(value: str, unit: str) -> str:
    """A stored value as English words: numbers with two significant figures, days in full."""
    if unit == "text":
        return value
    if unit == "date":
        day = date.fromisoformat(value)
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    if unit == "month":
        day = date.fromisoformat(value)
        return f"{_MONTHS[day.month - 1]} {day.year}"
    if unit == "basis":
        return _BASIS[value]
    if unit == "times":
        return {"1": "once", "2": "twice"}.get(value, f"{value} times")
    if unit == "calendar days":
        # Counted on the calendar, so exact.
        return "1 day" if value == "1" else f"{int(value):,} days"
    return f"{significant(Decimal(value)).normalize():,f}"


LOCALES: Mapping[str, Callable[[str, str], str]] = {"en": english}
