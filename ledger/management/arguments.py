"""The arguments of the `debt` command, action by action."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from enum import StrEnum

from common.commands import Actions
from ledger.domain import terms
from ledger.management.candidates import add_candidates, add_dismissal, add_promotion
from ledger.management.extension_requests import add_acceptance, add_refusal, add_requests
from ledger.selectors import SORTS


def day(text: str) -> date:
    """A date of the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"'{text}' is no date: write YYYY-MM-DD") from None


def positive(text: str) -> int:
    """A whole number from 1."""
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 10**9):
        raise ArgumentTypeError(f"'{text}' is no number from 1")
    return int(text)


def values(kind: type[StrEnum]) -> list[str]:
    """The words of a closed set as plain text, since argparse shows the choices by their repr."""
    return [member.value for member in kind]


def add_list(parser: ArgumentParser) -> None:
    parser.add_argument("--state", action="append", choices=values(terms.State), default=[])
    parser.add_argument("--timing", action="append", choices=values(terms.Timing), default=[])
    parser.add_argument("--severity", action="append", choices=values(terms.Severity), default=[])
    parser.add_argument("--origin", action="append", choices=values(terms.Origin), default=[])
    parser.add_argument("--owner", default="", help="the team or person who owns the debt")
    parser.add_argument("--system", default="")
    parser.add_argument("--repository", default="", help="the short name of a repository")
    parser.add_argument("--search", default="", help="words in title, text, id, owner or path")
    parser.add_argument("--open", action="store_true", help="only what is still owed")
    parser.add_argument("--sort", choices=SORTS, default="due")
    parser.add_argument("--page", type=positive, default=1)
    parser.add_argument("--size", type=positive, default=50, help="rows on a page, at most 200")


def add_reference(parser: ArgumentParser) -> None:
    parser.add_argument("reference", help="D-000123, the id in the code, or repository/id")


def add_actor(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--as", dest="username", default="", help="who acts; not needed if there is one person"
    )
    parser.add_argument(
        "--expect-version", type=positive, help="refuse if the debt has changed since"
    )


def add_record(parser: ArgumentParser) -> None:
    parser.add_argument("--title", required=True)
    parser.add_argument("--owner", required=True, help="the team or person who will repay")
    parser.add_argument("--due", type=day, required=True, metavar="DATE", help="valid to its end")
    parser.add_argument("--repository", default="", help="the short name of a repository")
    parser.add_argument("--id", dest="slug", default="", help="the id, unique in the repository")
    parser.add_argument("--path", default="")
    parser.add_argument("--line", type=positive)
    add_description(parser)
    add_actor(parser)


def add_change(parser: ArgumentParser) -> None:
    add_reference(parser)
    parser.add_argument("--title")
    parser.add_argument("--owner")
    parser.add_argument("--due", type=day, metavar="DATE", help="only while it is proposed")
    add_description(parser)
    add_actor(parser)


def add_description(parser: ArgumentParser) -> None:
    parser.add_argument("--text", help="details")
    parser.add_argument("--severity", choices=values(terms.Severity))
    parser.add_argument("--confidence", choices=values(terms.Confidence))
    parser.add_argument("--system", help="the product or system that suffers")
    parser.add_argument("--quadrant", choices=values(terms.Quadrant))
    parser.add_argument("--containment", choices=values(terms.Containment))
    parser.add_argument("--reversibility", choices=values(terms.Reversibility))
    parser.add_argument("--exit", dest="exit_condition", help="what must hold when it is gone")
    parser.add_argument("--ref", dest="external_reference", help="where else it is tracked")
    parser.add_argument("--impact", help="one or two sentences for the business, with a number")
    parser.add_argument(
        "--principal", nargs=3, metavar=("BEST", "LIKELY", "WORST"), help="hours to repay"
    )
    add_interest(parser, is_required=False)
    parser.add_argument("--time-saved", metavar="HOURS", help="hours that the shortcut saved")
    parser.add_argument("--basis", choices=values(terms.Basis), default=terms.Basis.EXPERT)
    parser.add_argument("--plan", help="how it will be repaid, in a sentence")
    parser.add_argument(
        "--milestone",
        nargs=2,
        action="append",
        metavar=("DATE", "TITLE"),
        help="a step of the plan; may be given several times",
    )
    parser.add_argument(
        "--needs",
        metavar="NAME,NAME",
        help=f"infrastructure that the plan needs: {', '.join(values(terms.Need))}",
    )


def add_interest(parser: ArgumentParser, *, is_required: bool = True) -> None:
    parser.add_argument(
        "--interest",
        nargs=3,
        required=is_required,
        metavar=("P10", "P50", "P90"),
        help="extra hours a month while it is unpaid",
    )


def add_plain(parser: ArgumentParser) -> None:
    add_reference(parser)
    add_actor(parser)


def add_reasoned(parser: ArgumentParser) -> None:
    add_reference(parser)
    parser.add_argument("--reason", required=True)
    add_actor(parser)


def add_extension(parser: ArgumentParser) -> None:
    add_reference(parser)
    parser.add_argument("--due", type=day, required=True, metavar="DATE")
    parser.add_argument("--reason", required=True)
    add_interest(parser)
    add_actor(parser)


def add_repayment(parser: ArgumentParser) -> None:
    add_reference(parser)
    shown_by = parser.add_mutually_exclusive_group(required=True)
    shown_by.add_argument("--commit", metavar="SHA", help="the commit that repays it")
    shown_by.add_argument("--trailer", metavar="SHA", help="the commit with a Debt-Paid trailer")
    shown_by.add_argument(
        "--annotation-left", action="store_true", help="the annotation left the default branch"
    )
    parser.add_argument("--note", default="")
    add_actor(parser)


def add_verification(parser: ArgumentParser) -> None:
    add_reference(parser)
    shown_by = parser.add_mutually_exclusive_group(required=True)
    shown_by.add_argument("--measured", metavar="TEXT", help="what was measured")
    shown_by.add_argument("--reviewed", metavar="TEXT", help="what you saw as the reviewer")
    add_actor(parser)


def add_snooze(parser: ArgumentParser) -> None:
    add_reference(parser)
    parser.add_argument(
        "--until", type=day, required=True, metavar="DATE", help="the day of the next reminder"
    )
    add_actor(parser)


def add_asking(parser: ArgumentParser) -> None:
    add_reference(parser)
    parser.add_argument("--due", type=day, required=True, metavar="DATE")
    parser.add_argument("--reason", required=True)
    parser.add_argument("--as", dest="username", default="", help="who acts")


def add_review(parser: ArgumentParser) -> None:
    add_reference(parser)
    parser.add_argument("--note", required=True, help="what you looked at")
    add_actor(parser)


ACTIONS: Actions = {
    "list": ("list debts", add_list),
    "show": ("show everything about one debt", add_reference),
    "candidates": ("list comments that might be debt", add_candidates),
    "dismiss": ("say for good that candidates are no debt", add_dismissal),
    "promote": ("record a candidate as proposed debt", add_promotion),
    "requests": ("list the extensions that people and commits ask for", add_requests),
    "accept-extension": ("extend a promise as somebody asks", add_acceptance),
    "refuse-extension": ("keep a promise that somebody asks to extend", add_refusal),
    "add": ("record a debt as proposed", add_record),
    "describe": ("change what is said about a debt", add_change),
    "activate": ("accept a proposed debt", add_plain),
    "extend": ("promise a later date", add_extension),
    "start-repayment": ("say that somebody works on it", add_plain),
    "repay": ("say that the repayment is merged", add_repayment),
    "verify": ("confirm that the debt is gone", add_verification),
    "write-off": ("give up repayment for good", add_reasoned),
    "reject": ("decline a proposed debt", add_reasoned),
    "roll-back": ("say that the change that brought it was taken back", add_reasoned),
    "reopen": ("say that repaid debt is back", add_reasoned),
    "escalate": ("ask the leadership to decide", add_reasoned),
    "review": ("put your name to a decision that cannot be undone", add_review),
    "acknowledge": ("say that you have seen what comes due", add_plain),
    "snooze": ("put off the reminder of a promise", add_snooze),
    "ask-extension": ("ask for a later day; an approver decides", add_asking),
}
