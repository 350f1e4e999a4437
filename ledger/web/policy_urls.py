from django.urls import path

from ledger.web import policy

app_name = "policy"
urlpatterns = [
    path("", policy.policy, name="policy"),
    path("edit/", policy.edit, name="edit"),
    path("versions/<int:number>/", policy.version, name="version"),
    path("repositories/<slug:slug>/", policy.repository_rules, name="repository"),
    path("waivers/<int:waiver_id>/approve/", policy.waiver_approve, name="waiver_approve"),
    path("waivers/<int:waiver_id>/end/", policy.waiver_end, name="waiver_end"),
]
