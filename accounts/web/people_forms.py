"""Forms of the People pages. What is allowed is decided by the services."""

from typing import Any

from django import forms

from accounts import selectors
from accounts.domain import handles
from accounts.domain.roles import Role
from accounts.models import Team, User
from common.errors import Refused

HANDLE_INPUT = forms.TextInput(
    attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
)


def show_refusal(form: forms.Form, refusal: Refused) -> None:
    """Put the sentence on the field that it names, or on the form as a whole."""
    known = refusal.field in form.fields
    form.add_error(refusal.field if known else None, refusal.message)


def role_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        choices=[(role.value, f"{role.label}: {role.meaning}") for role in Role],
        coerce=Role,
        initial=Role.VIEWER.value,
        help_text="Each role may also do what the ones above it may.",
    )


class PersonForm(forms.Form):
    """A new person."""

    username = forms.CharField(
        label="User name",
        max_length=handles.MAX_LENGTH,
        help_text="Also the name under which they own debt: lower-case letters, digits, dots, "
        "hyphens and underscores.",
        widget=HANDLE_INPUT,
    )
    display_name = forms.CharField(
        label="Name",
        max_length=150,
        required=False,
        help_text="The name that pages show.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label="E-mail", required=False, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = role_field()


class RoleForm(forms.Form):
    """What a person may do."""

    role = role_field()


class TeamForm(forms.Form):
    """A new team."""

    slug = forms.CharField(
        label="Short name",
        max_length=handles.MAX_LENGTH,
        help_text="The name under which the team owns debt, as in owner=payments.",
        widget=HANDLE_INPUT,
    )
    name = forms.CharField(
        max_length=150,
        required=False,
        help_text="The name that pages show. By default the short one.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class PersonChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs only
    def label_from_instance(self, obj: Any) -> str:
        name = str(obj)
        return name if name == obj.username else f"{name} ({obj.username})"


class MemberForm(forms.Form):
    """Somebody for a team: an active person who is not in it yet."""

    member = PersonChoice(
        queryset=User.objects.none(),
        to_field_name="username",
        empty_label="Choose a person",
        error_messages={"invalid_choice": "Choose an active person who is not in the team yet."},
    )

    def __init__(self, team: Team, data: Any = None) -> None:
        super().__init__(data)
        field: Any = self.fields["member"]
        field.queryset = selectors.active_people().exclude(teams=team)
