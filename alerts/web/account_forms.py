"""Which chat account is one's own, where no code can be typed in chat."""

from collections.abc import Mapping, Sequence

from django import forms

from alerts.channels.registry import KINDS
from alerts.models import Channel
from alerts.services.identities import MOST_NAME


class AccountForm(forms.Form):
    """The account to which a code is sent."""

    channel = forms.TypedChoiceField(label="Where", coerce=int)
    chat_id = forms.CharField(
        label="My account there",
        max_length=MOST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, channels: Sequence[Channel], data: Mapping[str, str] | None = None) -> None:
        super().__init__(data)
        field = self.fields["channel"]
        if isinstance(field, forms.TypedChoiceField):
            field.choices = [(one.pk, f"{one.name} ({KINDS[one.kind].label})") for one in channels]
        self.fields["chat_id"].help_text = " ".join(_helps(channels))


class CodeForm(forms.Form):
    """The code that was put before the account."""

    channel = forms.IntegerField(widget=forms.HiddenInput)
    chat_id = forms.CharField(max_length=MOST_NAME, widget=forms.HiddenInput)
    code = forms.CharField(
        label="The code",
        max_length=40,
        help_text="Only one that you have asked for yourself, just now.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


def _helps(channels: Sequence[Channel]) -> list[str]:
    """How one's account is called at each service that there is."""
    kinds = dict.fromkeys(one.kind for one in channels)
    found = [(KINDS[kind].label, KINDS[kind].account) for kind in kinds]
    return [f"{label}: {one.label}. {one.help}" for label, one in found if one is not None]
