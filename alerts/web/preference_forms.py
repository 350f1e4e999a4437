"""What a person wants to be told, and where."""

from collections.abc import Collection, Mapping
from typing import TypedDict

from django import forms
from django.conf import settings

from accounts.selectors import User
from alerts.channels.kind import ChannelKind
from alerts.channels.registry import KINDS
from alerts.models import Preference
from alerts.services.permits import EMAIL

NOWHERE = "nowhere"


class Choice(TypedDict):
    """What `preference_update` takes besides the person."""

    channel_kind: str
    address: str
    own_debts: bool
    escalations: bool
    mentions: bool


class PreferenceForm(forms.Form):
    """What one is told personally. Nothing is sent without a place to send it to."""

    channel_kind = forms.ChoiceField(label="Tell me")
    address = forms.CharField(
        label="Address there",
        required=False,
        max_length=2000,
        help_text=(
            "Not needed for e-mail, nor for what is stored already. It is sealed, and never shown."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    own_debts = forms.BooleanField(
        required=False,
        label="When a debt of mine comes due",
        help_text="Once a working day, and only when there is something to say.",
    )
    escalations = forms.BooleanField(
        required=False,
        label="When a debt of a team that I lead is 5 or 20 working days late",
    )
    mentions = forms.BooleanField(
        required=False,
        label="My teams' channels may call me by name",
        help_text="Where you have linked your account, from the last working day on.",
    )

    def __init__(
        self,
        *,
        user: User,
        preference: Preference | None,
        own_kinds: Collection[str] = (),
        data: Mapping[str, str] | None = None,
    ) -> None:
        kept = preference
        initial = {
            "channel_kind": kept.channel.kind if kept and kept.channel else NOWHERE,
            "own_debts": kept.own_debts if kept else False,
            "escalations": kept.escalations if kept else True,
            "mentions": kept.mentions if kept else True,
        }
        super().__init__(data, initial=initial)
        choice = self.fields["channel_kind"]
        if isinstance(choice, forms.ChoiceField):
            choice.choices = _places(user, own_kinds)

    def values(self) -> Choice:
        """What the service takes."""
        given = self.cleaned_data
        kind = given["channel_kind"]
        return {
            "channel_kind": "" if kind == NOWHERE else kind,
            "address": given["address"],
            "own_debts": given["own_debts"],
            "escalations": given["escalations"],
            "mentions": given["mentions"],
        }


def _places(user: User, own_kinds: Collection[str]) -> list[tuple[str, str]]:
    """Where this person can be told: by e-mail, and where one address says everything."""
    found = [(NOWHERE, "Nowhere: only in my teams' channels")]
    if user.email and settings.HAS_EMAIL:
        found.append((EMAIL, f"By e-mail, to {user.email}"))
    for kind in KINDS.values():
        if kind.name in own_kinds and kind.name != EMAIL:
            found.append((kind.name, f"{kind.label}, as stored"))
        elif _needs_one_address(kind) and not kind.is_for_admins and kind.name != EMAIL:
            found.append((kind.name, kind.label))
    return found


def _needs_one_address(kind: ChannelKind) -> bool:
    return len([one for one in kind.fields if one.is_required and not one.default]) == 1
