"""A team's promised dates as a calendar, for whoever knows the address."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from alerts.domain.calendar_feed import calendar_of, entity_tag
from alerts.selectors.calendar import feed_content
from alerts.services.calendars import calendar_feed_use

# Kept by the calendar that asked, which asks whether it still holds; by nobody on the way.
CACHING = "private, no-cache"


@login_not_required
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar; 304 where the caller has it already, 404 for an address that is not valid."""
    found = calendar_feed_use(token=token)
    if found is None:
        raise Http404("There is no such calendar.")
    content = feed_content(found.team, debts=f"{settings.BASE_URL}{reverse('ledger:register')}")
    etag = entity_tag(content)
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(calendar_of(content), content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = f'inline; filename="{found.team.slug}.ics"'
    response["ETag"] = etag
    response["Cache-Control"] = CACHING
    response["X-Robots-Tag"] = "noindex"
    return response
