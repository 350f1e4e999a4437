"""The form of a channel, built from what its kind asks for."""

from collections.abc import Iterable, Mapping

from django import forms

from alerts.channels.kind import ChannelKind
from common.connection_settings import LONGEST_VALUE, Field, ShownValue

# Keeps a kind's own settings apart from the name and the team.
PREFIX = "setting_"
CLEAR = "clear_"


class ChannelForm(forms.Form):
    """A new channel of a kind, or, with `shown`, one that there is already."""

    name = forms.CharField(
        max_length=100,
        label="Name",
        help_text="How people recognise it here, for example “Payments, Slack #payments”.",
    )

    def __init__(
        self,
        kind: ChannelKind,
        *,
        teams: Iterable[tuple[str, str]] = (),
        takes_no_team: bool = False,
        shown: Iterable[ShownValue] = (),
        data: Mapping[str, str] | None = None,
        initial: Mapping[str, str] | None = None,
    ) -> None:
        shown = list(shown)
        # A secret that is stored already need not be typed again.
        super().__init__(data, initial=dict(initial or {}), use_required_attribute=not shown)
        self._kind = kind
        known = {one.field.name: one for one in shown}
        for one in kind.fields:
            self.fields[PREFIX + one.name] = _form_field(one, known.get(one.name))
            if _is_kept(one, known.get(one.name)) and not one.is_required:
                self.fields[CLEAR + one.name] = forms.BooleanField(
                    label=f"Forget the stored {one.label[:1].lower()}{one.label[1:]}",
                    required=False,
                )
        choices = [("", "Everybody")] if takes_no_team else []
        choices += list(teams)
        if choices:
            self.fields["team"] = forms.ChoiceField(
                choices=choices,
                required=not takes_no_team,
                label="Belongs to",
                help_text="The lead of this team may change it, as operators may.",
            )

    @property
    def settings(self) -> Iterable[forms.BoundField]:
        """The fields that the kind asks for, in its order."""
        names = [start + one.name for one in self._kind.fields for start in (PREFIX, CLEAR)]
        return [self[name] for name in names if name in self.fields]

    def values(self) -> dict[str, str]:
        """The kind's settings as they were given; a secret left alone is empty."""
        return {one.name: self.cleaned_data[PREFIX + one.name] for one in self._kind.fields}

    def cleared(self) -> list[str]:
        """The stored secrets that are to be forgotten."""
        return [one.name for one in self._kind.fields if self.cleaned_data.get(CLEAR + one.name)]

    def team_id(self) -> int | None:
        chosen = self.cleaned_data.get("team", "")
        return int(chosen) if chosen else None


class _KeptSecret(forms.CharField):
    """A secret that is needed and stored already: left empty it stays."""

    def validate(self, value: str) -> None:
        """Empty will do."""


def _is_kept(one: Field, shown: ShownValue | None) -> bool:
    return shown is not None and shown.is_set and one.is_secret


def _form_field(one: Field, shown: ShownValue | None) -> forms.Field:
    is_kept = _is_kept(one, shown)
    initial = shown.text if shown is not None and not one.is_secret else one.default
    if one.choices:
        return forms.ChoiceField(
            label=one.label,
            help_text=one.help,
            choices=one.choices,
            initial=initial,
            required=one.is_required,
        )
    return (_KeptSecret if is_kept else forms.CharField)(
        label=one.label,
        help_text=one.help,
        max_length=LONGEST_VALUE,
        initial=initial,
        required=one.is_required,
        widget=_widget(one, is_kept=is_kept),
    )


def _widget(one: Field, *, is_kept: bool) -> forms.Widget:
    attributes = {"placeholder": one.placeholder, "autocomplete": "off", "spellcheck": "false"}
    if not one.is_secret:
        return forms.TextInput(attrs=attributes)
    attributes |= {"autocomplete": "new-password"}
    if is_kept:
        attributes["placeholder"] = "Stored. Leave it empty to keep it."
    # What was typed is never sent back.
    return forms.PasswordInput(attrs=attributes)


class DisableForm(forms.Form):
    """Why a channel is switched off, for whoever looks at it next."""

    reason = forms.CharField(
        required=False,
        max_length=500,
        label="Reason",
        help_text="Shown to whoever looks at this channel.",
    )
