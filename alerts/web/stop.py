"""The page behind "Stop these messages" in what a person alone is told."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from alerts.services.stopping import person_stopping, personal_stop
from common.errors import Refused


@csrf_exempt  # a mailbox provider presses it, with no page of ours before
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to stop; POST does it."""
    is_done = request.method == "POST"
    try:
        person = personal_stop(token=token) if is_done else person_stopping(token)
    except Refused as error:
        response = render(
            request, "alerts/answer_refused.html", {"reason": error.message}, status=410
        )
    else:
        response = render(request, "alerts/stop.html", {"person": person, "is_done": is_done})
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "same-origin"
    return response
