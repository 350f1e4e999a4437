"""`/metrics`: the installation's figures, for those who hold an API token."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import autodiscover_modules
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import services
from accounts.api.authentication import MOST_CHARACTERS
from common.metrics import exposition


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Show every figure; 401 without `Authorization: Bearer <API token>`.

    How much is owed and late is nothing for strangers.
    """
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    is_known = scheme.lower() == "bearer" and len(secret) <= MOST_CHARACTERS
    if not is_known or services.token_use(secret=secret.strip()) is None:
        answer = "Send an API token: Authorization: Bearer <token>; /accounts/tokens/ makes one.\n"
        headers = {"WWW-Authenticate": 'Bearer realm="displace"'}
        return HttpResponse(answer, status=401, headers=headers, content_type="text/plain")
    autodiscover_modules("metrics")
    body, media_type = exposition(request.headers.get("Accept", ""))
    return HttpResponse(body, content_type=media_type)
