"""Messages as the alerts app makes them, plain ones and hostile ones."""

from datetime import date

from hypothesis import strategies as st

from alerts.domain.messages import (
    ANSWER_LABELS,
    Answer,
    Envelope,
    Mention,
    Message,
    Offer,
    Row,
    Tone,
)

BASE = "https://debt.example.org"
KEY = "0d9c3a52-7c56-4c2a-9d0e-2f6a1d3b4c5d"
ENVELOPE = Envelope(key=KEY, reference="0d9c3a52")
AGAIN = Envelope(key=KEY, reference="0d9c3a52", attempt=2)


def row(number: int = 1, **changes: object) -> Row:
    values: dict[str, object] = {
        "item_id": number,
        "reference": f"D-{number}",
        "title": "Carts live in the memory of one process",
        "url": f"{BASE}/debts/{number}/",
        "tone": Tone.OVERDUE,
        "due_on": date(2026, 9, 30),
        "when": "Expired on 30 September 2026, 12 days ago",
        "cost": "Each month of waiting costs 2 to 4 days",
        "ask": "Payments: repay it, or ask for more time with a reason",
        "impact": "A restart empties the carts of 2,100 customers.",
        "mention": Mention("ann", "Ann Lee"),
        "answers": (Answer.ACKNOWLEDGE, Answer.EXTEND),
        "offers": tuple(
            Offer(one, ANSWER_LABELS[one], f"token-{one}", f"{BASE}/answers/token-{one}/")
            for one in (Answer.ACKNOWLEDGE, Answer.EXTEND)
        ),
    }
    return Row(**{**values, **changes})


def message(rows: int = 2, **changes: object) -> Message:
    values: dict[str, object] = {
        "title": "Payments: 3 debts need you, 1 has expired",
        "lead": "Of 3 promises, one has passed its day.",
        "rows": tuple(row(number) for number in range(1, rows + 1)),
        "facts": ("14 debts are on record",),
        "more": 4,
        "more_url": f"{BASE}/debts/?team=payments",
        "url": f"{BASE}/debts/",
        "call": (Mention("bo", "Bo Berg"),),
        "footer": "Displace",
    }
    return Message(**{**values, **changes})


# What people put into repositories to be seen, to ring bells, or to break out.
PIECES = (
    "@channel", "@here", "@all", "@everyone", "@**all**", "@**Ann Lee|7**", "@*admins*", "@_**x**",
    "<users/all>", "<!channel>", "<@U123456>", "#general", "#**general**",
    "<script>alert(1)</script>",
    "<b>", "</div>", "&amp;", "[a](https://evil.example)", "![i](https://evil.example/i.png)",
    "https://evil.example", "*bold*", "_it_", "~gone~", "`code`", "```", "|", "\\", "\r\n", "\n",
    "\u202e", "\u2066", "\u200b", "\u2028", "\x00", "\x1b[31m", "\ud800", "Bcc: x@evil.example",
    ".\r\nMAIL FROM:<x@evil.example>", "> quote", "1. one", "# head", ":smile:", "$$x$$", "é", "漢",
    "👩‍👩‍👧", "a" * 10_000, "\U0001d54f" * 5_000,
)  # fmt: skip
HOSTILE = st.one_of(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map(" ".join),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join),
    st.text(max_size=200),
)


class Long(Message):
    """A message that is shown in part only: a whole one of these fills a screen for minutes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr([self.title, self.lead, self.footer, self.facts, self.call, *self.rows])[:2000]


@st.composite
def hostile_messages(draw: st.DrawFn) -> Message:
    """A message in which every text came from a stranger; the addresses are ours."""
    rows = tuple(
        row(
            number,
            title=draw(HOSTILE),
            when=draw(HOSTILE),
            cost=draw(HOSTILE),
            ask=draw(HOSTILE),
            impact=draw(HOSTILE),
            note=draw(HOSTILE),
            reference=draw(HOSTILE),
            mention=Mention(draw(HOSTILE), draw(HOSTILE)),
        )
        for number in range(1, draw(st.integers(0, 10)) + 1)
    )
    return Long(
        title=draw(HOSTILE),
        lead=draw(HOSTILE),
        rows=rows,
        facts=tuple(draw(st.lists(HOSTILE, max_size=3))),
        more=4,
        more_url=f"{BASE}/debts/?team=payments",
        url=f"{BASE}/debts/",
        call=(Mention(draw(HOSTILE), draw(HOSTILE)),),
        footer=draw(HOSTILE),
    )
