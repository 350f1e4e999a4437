"""Every address of the installation."""

from django.urls import URLPattern, URLResolver, include, path

from common import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("accounts.web.urls")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]
