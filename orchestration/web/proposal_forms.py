"""Forms to decide about a proposal. What is allowed is decided by the services."""

from django import forms

from orchestration.domain.lifetimes import DEFAULT_DAYS, MOST_DAYS


class TakeForm(forms.Form):
    """On which terms what is proposed is asked for."""

    name = forms.CharField(
        max_length=100,
        required=False,
        label="Name",
        help_text="Left empty, it is named after the debt.",
    )
    owner = forms.CharField(
        max_length=100,
        label="Owner",
        widget=forms.TextInput(attrs={"list": "owners", "autocomplete": "off"}),
    )
    days = forms.IntegerField(
        min_value=1, max_value=MOST_DAYS, initial=DEFAULT_DAYS, label="Days that it is needed"
    )
    is_production = forms.BooleanField(required=False, label="It serves real users")
    justification = forms.CharField(
        max_length=1000,
        required=False,
        label="Reason for its size",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class DismissForm(forms.Form):
    """Why nothing is to be prepared."""

    reason = forms.CharField(
        max_length=500, label="Reason", help_text="For whoever works on the debt later."
    )
