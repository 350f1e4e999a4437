"""The first page of alerts: how they stand, and who is told what."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from alerts.domain.states import DeliveryState
from alerts.selectors import pages_channels, pages_deliveries, pages_overview
from alerts.selectors.pages_deliveries import LogFilter, Traffic
from alerts.selectors.schedules import schedule_of
from alerts.web.moments import moment_words
from alerts.web.shared import page_context, page_of, viewer_of
from common import clock
from common.figures import relative_words

TEAMS = 25
MOST_TROUBLED = 5
MOST_DEAD = 3
DEAD = LogFilter(states=(DeliveryState.DEAD.value,))


@never_cache
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """What works, what waits, what was given up, and who is told what when."""
    user = viewer_of(request)
    traffic = pages_deliveries.traffic(user)
    found = pages_channels.channels_troubled(user)
    troubled = list(found[: MOST_TROUBLED + 1])
    count = found.count() if len(troubled) > MOST_TROUBLED else len(troubled)
    set_up = pages_overview.set_up()
    page = page_of(request, pages_overview.spoken_to(), TEAMS)
    lines = pages_overview.team_lines(page.object_list)
    home = schedule_of(None).zone
    first = min(lines, key=lambda line: line.next_at, default=None)
    dead = pages_deliveries.deliveries_found(viewer=user, wanted=DEAD)
    context = page_context(request, "overview") | {
        "traffic": traffic,
        "oldest_words": _oldest(traffic),
        "troubled": pages_channels.channel_lines(troubled[:MOST_TROUBLED], viewer=user),
        "troubled_count": count,
        "channel_count": set_up.channels,
        "channels_words": f"of {set_up.channels:,}" if count else "all of them work",
        "dead": list(dead[:MOST_DEAD]) if traffic.dead else [],
        "page": page,
        "lines": [(line, moment_words(line.next_local, home)) for line in lines],
        "next_line": first,
        "next_words": moment_words(first.next_local, home) if first else "",
        "is_new": not set_up.rules_on,
        "has_channels": set_up.channels > 0,
        "has_rules": set_up.has_rules,
        "has_catch_all": set_up.has_catch_all,
        "uncovered": set_up.uncovered,
    }
    return render(request, "alerts/overview.html", context)


def _oldest(traffic: Traffic) -> str:
    if traffic.oldest_unsent is None:
        return "Nothing is on its way"
    return f"The oldest since {relative_words(traffic.oldest_unsent, clock.now())}"
