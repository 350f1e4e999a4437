from django.urls import re_path

from common.api.routing import ResourceRouter
from ledger.api import candidates, exchange, policy, prices, statements, views

router = ResourceRouter()
router.register("debts", views.Debts, basename="debts")
router.register("candidates", candidates.Candidates, basename="candidates")
router.register("extension-requests", candidates.ExtensionRequests, basename="extension-requests")
router.register("policy/versions", policy.PolicyVersions, basename="policy-versions")
router.register("policy/systems", policy.Systems, basename="policy-systems")
router.register("policy/waivers", policy.Waivers, basename="waivers")

urlpatterns = [
    *router.urls,
    re_path(
        r"^statements/lint/?$",
        statements.StatementLint.as_view({"post": "create"}),
        name="statements-lint",
    ),
    re_path(
        rf"^debts/(?P<reference>{views.KEY})/sentences/?$",
        statements.DebtSentences.as_view({"get": "retrieve"}),
        name="debts-sentences",
    ),
    re_path(
        rf"^debts/(?P<reference>{views.KEY})/price/?$",
        prices.DebtPrice.as_view({"get": "retrieve"}),
        name="debts-price",
    ),
    re_path(r"^costs/?$", prices.Costs.as_view({"get": "retrieve"}), name="costs"),
    re_path(
        r"^calibration/?$",
        prices.CalibrationView.as_view({"get": "retrieve"}),
        name="calibration",
    ),
    re_path(r"^imports/?$", exchange.Imports.as_view({"post": "create"}), name="imports"),
    re_path(r"^export/?$", exchange.Export.as_view({"get": "retrieve"}), name="export"),
    re_path(
        r"^policy/?$",
        policy.PolicyView.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="policy",
    ),
    re_path(
        r"^snapshots/(?P<id>[0-9]{1,18})/document/?$",
        views.SnapshotDocument.as_view({"get": "retrieve"}),
        name="snapshots-document",
    ),
]
