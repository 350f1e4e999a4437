"""Every address of the installation."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from common import health
from common.api.docs import documentation
from displace.metrics import metrics

api = (
    [
        path("", include(urls))
        for urls in (
            "accounts.api.urls",
            "analysis.api.urls",
            "ledger.api.urls",
            "hooks.api.gate_urls",
            "hooks.api.urls",
            "alerts.api.urls",
            "orchestration.api.urls",
        )
    ],
    "api",
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("review.web.urls")),
    path("debts/", include("ledger.web.urls")),
    path("policy/", include("ledger.web.policy_urls")),
    path("repositories/", include("analysis.web.urls")),
    path("repositories/<slug:slug>/hooks/", include("hooks.web.urls")),
    path("gate/", include("hooks.web.gate_urls")),
    path("environments/", include("orchestration.web.urls")),
    path("alerts/", include("alerts.web.urls")),
    path("people/", include("accounts.web.people_urls")),
    path("accounts/", include("accounts.web.urls")),
    path("api/v1/", include(api)),
    path("api/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/docs/", documentation, name="api_docs"),
    path("webhooks/", include("hooks.web.receiver_urls")),
    path("chat/matrix/", include("alerts.web.matrix_urls")),
    path("chat/", include("alerts.web.inbound_urls")),
    path("answers/", include("alerts.web.answer_urls")),
    path("calendar/", include("alerts.web.calendar_urls")),
    path("engines/", include("orchestration.web.engine_urls")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics),
]

# Below /api/ an error is a problem document, elsewhere a page.
handler400 = "common.api.problems.bad_request"
handler404 = "common.api.problems.page_not_found"
handler500 = "common.api.problems.server_error"
