"""A digest that somebody asks for: shown first, said when they confirm it."""

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from alerts.models import Route
from alerts.selectors import pages_rules as pages
from alerts.selectors.due import speaks_next
from alerts.selectors.schedules import schedule_of
from alerts.services.asking import digest_ask, digest_foretold
from alerts.web.moments import moment_words
from alerts.web.shared import denied_as_page, or_404, page_context, viewer_of
from common import clock
from common.errors import Denied, DisplaceError


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def say(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what the rule's channel would be told now; by POST, tell it."""
    user, rule = viewer_of(request), or_404(lambda: pages.rule_get(pk))
    context = page_context(request, "rules") | {"rule": rule, "next_words": next_words(rule)}
    try:
        if request.method == "POST":
            delivery = digest_ask(actor=user, route_id=pk)
            messages.success(request, "It is on its way; this page shows how it gets there.")
            return redirect("alerts:delivery", delivery.pk)
        context["foretold"] = digest_foretold(actor=user, route_id=pk)
    except Denied as error:
        raise denied_as_page(error) from None
    except DisplaceError as error:
        context["refused"] = error.message
    status = 422 if request.method == "POST" else 200
    return render(request, "alerts/rule_say.html", context, status=status)


def next_words(rule: Route) -> str:
    """When the rule speaks next by itself: "within a minute", "Monday at 09:30"."""
    now = clock.now()
    moment = speaks_next(channel_id=rule.channel_id, team_id=rule.team_id, now=now)
    if moment <= now:
        return "within a minute"
    schedule = schedule_of(rule.team_id)
    return moment_words(moment.astimezone(ZoneInfo(schedule.zone)), schedule_of(None).zone)
