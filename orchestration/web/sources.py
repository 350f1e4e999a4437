"""The page of sources: repositories from which an organisation's own blueprints are read."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.domain.roles import Role
from accounts.selectors import User
from analysis.selectors import repositories_list
from common.errors import DisplaceError
from orchestration.selectors.blueprints import source_lines
from orchestration.services import blueprint_sources as services
from orchestration.web.shared import attempt, page_context, show, viewer_of

TAB = "blueprints"


class SourceForm(forms.Form):
    """A repository that is known to analysis, and the folder that holds blueprints."""

    name = forms.CharField(
        max_length=40,
        label="Name",
        help_text="Small letters, digits and dashes; its blueprints are called name/blueprint.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    repository = forms.ChoiceField(label="Repository")
    folder = forms.CharField(
        max_length=200,
        required=False,
        label="Folder",
        help_text="Each folder below it with a blueprint.yml is one. Empty: the whole repository.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["repository"]
        field.choices = [(one.pk, one.name) for one in repositories_list()]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sources(request: HttpRequest) -> HttpResponse:
    """Every source with what was read from it; by POST, name another one."""
    user = viewer_of(request)
    form = SourceForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        try:
            services.source_add(
                actor=user,
                name=values["name"],
                repository_id=int(values["repository"]),
                folder=values["folder"],
            )
        except DisplaceError as refusal:
            show(form, refusal)
        else:
            messages.success(request, "It was read. What is new waits for the word of an operator.")
            return redirect("environments:sources")
    if form.is_bound:
        _operator(user)
    context = page_context(request, TAB) | {"lines": source_lines(), "form": form}
    status = 422 if form.errors else 200
    return render(request, "orchestration/sources.html", context, status=status)


@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Read it again at the commit that was analysed last."""
    user = viewer_of(request)
    said = "It was read again. What is new waits for the word of an operator."
    attempt(request, lambda: services.source_reread(actor=user, source_id=pk), said)
    return redirect("environments:sources")


def _operator(user: User) -> None:
    if not user.may(Role.OPERATOR):
        raise PermissionDenied(f"This needs the role “{Role.OPERATOR.label}”.")
