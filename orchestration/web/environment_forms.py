"""Forms of the page of an environment. What is allowed is decided by the services."""

from typing import Any

from django import forms

from orchestration.domain.lifetimes import DEFAULT_DAYS, MOST_DAYS


def _reason(help_text: str) -> forms.CharField:
    return forms.CharField(max_length=500, label="Reason", help_text=help_text)


class _Beside(forms.Form):
    """One of several forms of a page: each has ids of its own, for fields of the same name."""

    def __init__(self, *args: Any, **options: Any) -> None:
        name = type(self).__name__.removesuffix("Form").lower()
        super().__init__(*args, **{"auto_id": f"{name}_%s", **options})


class ExtendForm(_Beside):
    """More time, and why."""

    days = forms.IntegerField(
        min_value=1, max_value=MOST_DAYS, initial=DEFAULT_DAYS, label="Days from today"
    )
    reason = _reason("For whoever asks why it is still there.")


class PromoteForm(_Beside):
    """Who owns it from now on, and why it stays."""

    owner = forms.CharField(
        max_length=100,
        label="Owner from now on",
        widget=forms.TextInput(attrs={"list": "owners", "autocomplete": "off"}),
    )
    reason = _reason("Why it is no longer temporary.")


class OrphanForm(_Beside):
    """Why it is given up and left standing."""

    reason = _reason("Who looks after it from now on, and where.")


class AdoptForm(_Beside):
    """Who looks after it from now on, for how long, and why."""

    owner = forms.CharField(
        max_length=100,
        label="Owner from now on",
        widget=forms.TextInput(attrs={"list": "adopters", "autocomplete": "off"}),
    )
    days = forms.IntegerField(
        min_value=1, max_value=MOST_DAYS, initial=DEFAULT_DAYS, label="Days from today"
    )
    reason = _reason("Why it is worth looking after.")
    name = forms.CharField(
        max_length=100,
        required=False,
        label="New name",
        help_text="Only where another environment has its name by now.",
    )


class ResizeForm(forms.Form):
    """Another size for each resource."""

    justification = forms.CharField(
        max_length=1000,
        required=False,
        label="Reason for its size",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Needed where a size says so. Whoever approves it reads this.",
    )


class ConfirmForm(forms.Form):
    """The name of what would be lost, typed by hand."""

    name = forms.CharField(max_length=100, label="Type its name to go on")

    def __init__(self, expected: str, data: Any = None) -> None:
        super().__init__(data)
        self._expected = expected
        self.fields["name"].widget.attrs["autocomplete"] = "off"

    def clean_name(self) -> str:
        """The name, where it is the right one."""
        given: str = self.cleaned_data["name"].strip()
        if given != self._expected:
            raise forms.ValidationError("That is another name. Look whether this is the right one.")
        return given
