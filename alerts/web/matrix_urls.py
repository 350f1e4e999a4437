"""The addresses that a Matrix homeserver calls, below /chat/matrix/."""

from django.urls import path

from alerts.web import matrix

app_name = "matrix"
urlpatterns = [
    path(
        "<slug:key>/_matrix/app/v1/transactions/<str:number>",
        matrix.transaction,
        name="transaction",
    ),
    path("<slug:key>/_matrix/app/v1/ping", matrix.ping, name="ping"),
    path("<slug:key>/<path:rest>", matrix.unknown, name="unknown"),
]
