"""The pages of working days: when each team works, and when it is spoken to."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.selectors import team_by_slug
from alerts.domain.calendars import Schedule, calendar_of, next_speaking
from alerts.selectors import pages_schedules as pages
from alerts.selectors.schedules import next_working_days, schedule_of, schedule_row
from alerts.services import schedules as services
from alerts.services.permits import may_manage
from alerts.web.forms import ScheduleForm
from alerts.web.moments import moment_words
from alerts.web.shared import (
    denied_as_page,
    page_context,
    page_of,
    search_of,
    show,
    viewer_of,
)
from common import clock
from common.errors import Denied, DisplaceError

TAB = "schedules"


@never_cache
@require_safe
def schedules(request: HttpRequest) -> HttpResponse:
    """When everybody works, and each team that differs."""
    search = search_of(request)
    page = page_of(request, pages.teams_found(search))
    lines = pages.schedule_lines(page.object_list)
    common = pages.organisation_line()
    context = page_context(request, TAB) | {
        "page": page,
        "q": search,
        "common": common,
        "lines": [(line, moment_words(line.next_local, common.schedule.zone)) for line in lines],
    }
    return render(request, "alerts/schedules.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, slug: str) -> HttpResponse:
    """When one team works; by POST, change it or give it up for everybody's."""
    found = team_by_slug(slug)
    if found is None:
        raise Http404(f"There is no team called “{slug}”.")
    return _schedule_page(request, team_id=found.pk, name=found.name)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def organisation(request: HttpRequest) -> HttpResponse:
    """When everybody works who has no working days of their own."""
    return _schedule_page(request, team_id=None, name="")


def _schedule_page(request: HttpRequest, *, team_id: int | None, name: str) -> HttpResponse:
    user = viewer_of(request)
    manages = may_manage(user, team_id)
    current = schedule_of(team_id)
    form = ScheduleForm(country=current.country, initial=_initial(current))
    if request.method == "POST":
        if not manages:
            raise denied_as_page(Denied("Only an operator or the team's lead may change this."))
        if "reset" in request.POST and team_id is not None:
            services.schedule_reset(actor=user, team_id=team_id)
            messages.success(request, f"{name} works when everybody does.")
            return redirect(request.path)
        form = ScheduleForm(country=request.POST.get("country", ""), data=request.POST)
        if form.is_valid():
            try:
                services.schedule_update(actor=user, team_id=team_id, **form.cleaned_data)
            except DisplaceError as refusal:
                show(form, refusal)
            else:
                messages.success(request, "The working days are changed.")
                return redirect(request.path)
    elif "time_zone" in request.GET:
        # What the form would mean, while somebody is still choosing.
        form = ScheduleForm(country=request.GET.get("country", ""), data=request.GET)
        current = _chosen(form) or current
    context = (
        page_context(request, TAB)
        | _days(current)
        | {
            "form": form,
            "name": name,
            "is_team": team_id is not None,
            "is_own": schedule_row(team_id) is not None,
            "may_manage": manages,
            "week": pages.week_words(current.working_days),
            "place": pages.place_words(current),
            "schedule": current,
        }
    )
    is_refused = request.method == "POST"
    return render(request, "alerts/schedule.html", context, status=422 if is_refused else 200)


def _days(schedule: Schedule) -> dict[str, Any]:
    moment = next_speaking(calendar_of(schedule), clock.now())
    return {
        "next_days": next_working_days(schedule),
        "next_words": moment_words(moment.astimezone(ZoneInfo(schedule.zone)), schedule.zone),
    }


def _initial(schedule: Schedule) -> dict[str, object]:
    return {
        "time_zone": schedule.zone,
        "speaks_at": schedule.speaks_at,
        "country": schedule.country,
        "subdivision": schedule.subdivision,
        "working_days": sorted(schedule.working_days),
        "weekly_on": schedule.weekly_on,
        "days_off": "\n".join(day.isoformat() for day in sorted(schedule.days_off)),
    }


def _chosen(form: ScheduleForm) -> Schedule | None:
    """The schedule that a form describes; None while it is not complete."""
    if not form.is_valid():
        return None
    given = form.cleaned_data
    return Schedule(
        zone=given["time_zone"],
        country=given["country"],
        subdivision=given["subdivision"],
        working_days=frozenset(given["working_days"]),
        speaks_at=given["speaks_at"],
        weekly_on=given["weekly_on"],
        days_off=frozenset(given["days_off"]),
    )
