from django.urls import path, register_converter

from ledger.domain.lifecycle import Action
from ledger.web import (
    actions,
    annotations,
    candidates,
    coach,
    costs,
    describe,
    extension_requests,
    imports,
    item,
    record,
    register,
)


class ActionConverter:
    """The name of an action in an address."""

    regex = "|".join(action.value for action in Action)

    def to_python(self, value: str) -> Action:
        return Action(value)

    def to_url(self, value: Action | str) -> str:
        return str(value)


register_converter(ActionConverter, "action")

app_name = "ledger"
urlpatterns = [
    path("", register.register, name="register"),
    path("export.csv", register.register_csv, name="register_csv"),
    path("export.json", imports.archive, name="archive"),
    path("import/", imports.upload, name="import"),
    path("import/decide/", imports.decide, name="import_decide"),
    path("new/", record.record, name="record"),
    path("new/statement/", coach.statement_coach, name="statement_coach"),
    path("in-file/", register.file_items, name="file_items"),
    path("in-repository/", register.repository_items, name="repository_items"),
    path("costs/", costs.costs, name="costs"),
    path("calibration/", costs.calibration, name="calibration"),
    path("annotations/", annotations.annotations, name="annotations"),
    path("annotations/<int:notice_id>/settle/", annotations.settle, name="notice_settle"),
    path("candidates/", candidates.candidates, name="candidates"),
    path("candidates/export.csv", candidates.candidates_file, name="candidates_csv"),
    path("candidates/dismiss/", candidates.dismiss, name="candidates_dismiss"),
    path("candidates/<int:candidate_id>/", candidates.candidate, name="candidate"),
    path("candidates/<int:candidate_id>/restore/", candidates.restore, name="candidate_restore"),
    path("<str:reference>/", item.item, name="item"),
    path("<str:reference>/edit/", describe.describe, name="describe"),
    path("<str:reference>/<action:action>/", actions.act, name="act"),
    path("<str:reference>/ask-extension/", extension_requests.ask, name="ask_extension"),
    path(
        "<str:reference>/extension-requests/<int:request_id>/",
        extension_requests.decide,
        name="extension_request",
    ),
    path("<slug:repository>/<slug:slug>/", item.named, name="named"),
]
