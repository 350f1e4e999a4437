"""The page behind a link below a message: it asks, and acts only when its button is pressed.

Chat services, mail scanners and browsers open every link to look at it, so opening one changes
nothing.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.selectors import User
from alerts.domain.answering import require_open, require_same_promise
from alerts.domain.messages import ANSWER_LABELS, Answer
from alerts.selectors.answers import answer_of
from alerts.services import links
from alerts.services.links import Purpose, ReadOffer
from alerts.web.answer_forms import AnswerForm, form_for
from common.errors import Denied, DisplaceError
from ledger.domain.terms import State
from ledger.selectors import RegisterRow, debt_get, rows_of

VIA = "link"


@dataclass(frozen=True, slots=True)
class Words:
    """What the page says about an answer: what it means, and its button."""

    heading: str
    text: str
    button: str


WORDS = {
    Answer.ACKNOWLEDGE: Words(
        "Say that you have seen it",
        "Everybody sees your name there, and nobody is called for this debt any more. Its date "
        "stays as it is.",
        "I have seen it",
    ),
    Answer.SNOOZE: Words(
        "Be reminded later",
        "The debt is left out of messages until the day you choose. Its date stays as it is.",
        "Remind me later",
    ),
    Answer.EXTEND: Words(
        "Ask for more time",
        "Somebody who may extend the promise and does not own the debt decides. If you are one "
        "of them and signed in, the new date counts at once.",
        "Ask for more time",
    ),
    Answer.START_REPAYMENT: Words(
        "Start the repayment", "The ledger notes that the work has begun.", "Start repayment"
    ),
}


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to give the answer; POST gives it."""
    try:
        response = _page(request, token)
    except DisplaceError as error:
        status = 403 if isinstance(error, Denied) else 410
        response = render(
            request, "alerts/answer_refused.html", {"reason": error.message}, status=status
        )
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    # No other site learns the address; our own form needs its origin to be believed.
    response["Referrer-Policy"] = "same-origin"
    return response


def _page(request: HttpRequest, token: str) -> HttpResponse:
    read = links.read_token(token, purpose=Purpose.LINK)
    links.channel_offering(read.offered)
    signed_in = request.user if isinstance(request.user, User) else None
    person = links.person_offered(read.offered, signed_in=signed_in)
    if person is None:
        return redirect_to_login(request.get_full_path())
    if links.offer_is_used(read=read, user=person):
        return _shown(request, read, person, {"given": _given(read, person)})
    item = debt_get(read.offered.item_id)
    require_open(item.reference, State(item.state))
    require_same_promise(item.reference, read.offered.due_on, item.due_on)
    form = form_for(read.offered.answer)(
        request.POST if request.method == "POST" else None, due_on=item.due_on
    )
    if form.is_bound and form.is_valid() and _answered(read, person, form, signed_in):
        return redirect("answers:answer", token)
    return _shown(request, read, person, {"form": form})


def _answered(read: ReadOffer, person: User, form: AnswerForm, signed_in: User | None) -> bool:
    """Give the answer; what is refused is shown in the form."""
    # Whoever holds a forwarded letter may ask in the name of its reader, but grant nothing.
    given = links.offer_answer(
        read=read, user=person, via=VIA, may_approve=signed_in is not None, **form.answers
    )
    if not given.is_done:
        form.refuse(given.field, given.said)
    return given.is_done


def _given(read: ReadOffer, person: User) -> str:
    """What this person's answer came to."""
    offered = read.offered
    found = answer_of(person, offered.item_id, offered.due_on, offered.answer)
    return found.said if found is not None else "You have answered to this already."


def _shown(
    request: HttpRequest, read: ReadOffer, person: User, more: dict[str, Any]
) -> HttpResponse:
    row: RegisterRow = rows_of([debt_get(read.offered.item_id)])[0]
    context = {
        "row": row,
        "person": person,
        "is_signed_in": request.user.is_authenticated,
        "label": ANSWER_LABELS[read.offered.answer],
        "words": WORDS[read.offered.answer],
        **more,
    }
    form = more.get("form")
    status = 422 if form is not None and form.errors else 200
    return render(request, "alerts/answer.html", context, status=status)
