"""Forms of the pages of webhooks. What is allowed is decided by the services."""

from django import forms

from hooks.domain.kinds import Kind

OWN_KEY_HELP = (
    "Leave it empty to have one made. Only where the host insists on a secret of its own: 16 to "
    "200 characters without spaces."
)


def secret_field() -> forms.CharField:
    """A secret that somebody brings along; what was typed is never sent back."""
    return forms.CharField(
        label="Secret",
        required=False,
        max_length=200,
        help_text=OWN_KEY_HELP,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class EndpointForm(forms.Form):
    """A new webhook."""

    kind = forms.ChoiceField(
        label="Where the repository lives", choices=[(kind.value, kind.label) for kind in Kind]
    )
    secret = secret_field()


class RotationForm(forms.Form):
    """A new secret for a webhook."""

    overlap_hours = forms.TypedChoiceField(
        label="The old secret stays valid",
        choices=[("24", "for 1 day"), ("168", "for 7 days"), ("0", "no longer: it has leaked")],
        coerce=int,
        initial="24",
        help_text="Time to change it at the host without losing an event.",
    )
    secret = secret_field()
