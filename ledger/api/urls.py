from django.urls import re_path

from common.api.routing import ResourceRouter
from ledger.api import views

router = ResourceRouter()
router.register("debts", views.Debts, basename="debts")

urlpatterns = [
    *router.urls,
    re_path(
        r"^snapshots/(?P<id>[0-9]{1,18})/document/?$",
        views.SnapshotDocument.as_view({"get": "retrieve"}),
        name="snapshots-document",
    ),
]
