"""The form of a target, built from what its engine asks for."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from common.connection_settings import LONGEST_VALUE, Field, ShownValue
from orchestration.engines.engine import Engine

# Keeps an engine's own settings apart from the name.
PREFIX = "setting_"


class TargetForm(forms.Form):
    """A new target of an engine, or, with `shown`, one that there is already."""

    name = forms.CharField(
        max_length=100,
        label="Name",
        help_text="How people recognise it, for example “Cluster west”.",
    )

    def __init__(
        self,
        engine: Engine,
        *,
        shown: Iterable[ShownValue] = (),
        data: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self._engine = engine
        known = {one.field.name: one for one in shown}
        for one in engine.fields:
            self.fields[PREFIX + one.name] = _form_field(one, known.get(one.name))

    @property
    def settings(self) -> list[forms.BoundField]:
        """The fields that the engine asks for, in its order."""
        return [self[PREFIX + one.name] for one in self._engine.fields]

    def values(self) -> dict[str, str]:
        """The engine's settings as they were given; a secret left alone is empty."""
        return {one.name: self.cleaned_data[PREFIX + one.name] for one in self._engine.fields}


def _form_field(one: Field, shown: ShownValue | None) -> forms.Field:
    is_kept = shown is not None and shown.is_set and one.is_secret
    initial = shown.text if shown is not None and not one.is_secret else one.default
    return forms.CharField(
        label=one.label,
        help_text=one.help,
        max_length=LONGEST_VALUE,
        initial=initial,
        required=one.is_required and not is_kept,
        widget=_widget(one, is_kept=is_kept),
    )


def _widget(one: Field, *, is_kept: bool) -> forms.Widget:
    attributes = {"autocomplete": "off", "spellcheck": "false"}
    if is_kept:
        attributes["placeholder"] = "Stored. Leave it empty to keep it."
    if one.is_long:
        # What was typed into a secret of several lines is not sent back either.
        return _Forgetful(attrs=attributes) if one.is_secret else forms.Textarea(attrs=attributes)
    if one.is_secret:
        return forms.PasswordInput(attrs=attributes | {"autocomplete": "new-password"})
    return forms.TextInput(attrs=attributes)


class _Forgetful(forms.Textarea):
    """A field of several lines that never shows what was typed into it."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, None, attrs)
