"""Forms of the repository pages."""

from django import forms


class RepositoryForm(forms.Form):
    """Which repository to register. What is allowed is decided by the service."""

    location = forms.CharField(
        label="Path or address",
        max_length=1000,
        help_text=(
            "A path on this server, or an address that starts with https, http, ssh or git. "
            "Only reading is needed."
        ),
        widget=forms.TextInput(
            attrs={
                "placeholder": "https://github.com/owner/project",
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )
    name = forms.CharField(
        max_length=120,
        required=False,
        help_text="How people call it. By default the last part of the address.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
