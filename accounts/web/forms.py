"""Forms of signing in and of API tokens."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError

from accounts import selectors, services
from accounts.models import User
from accounts.web.client import client_address
from common import clock

THROTTLED = "Too many failed attempts. Try again in 15 minutes, or ask an admin for a sign-in link."


class SignInForm(AuthenticationForm):
    """Django's own form, which stops listening to somebody who guesses."""

    def clean(self) -> dict[str, Any]:
        name = self.cleaned_data.get("username", "")
        address = client_address(self.request) if self.request is not None else ""
        if selectors.sign_in_is_throttled(name=name, address=address):
            raise ValidationError(THROTTLED, code="throttled")
        try:
            cleaned = super().clean()
        except ValidationError:
            if name:
                services.sign_in_failed(name=name, address=address)
            raise
        services.sign_in_succeeded(name=name, address=address)
        return cleaned


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(
        max_length=100, help_text="What will use it, for example “nightly report”."
    )
    days = forms.TypedChoiceField(
        label="Expires after",
        choices=[("30", "30 days"), ("90", "90 days"), ("365", "1 year"), ("0", "never")],
        coerce=int,
        initial="90",
    )

    def issue(self, user: User) -> services.IssuedToken:
        days = self.cleaned_data["days"]
        return services.token_issue(
            user=user,
            name=self.cleaned_data["name"],
            expires_at=clock.now() + timedelta(days=days) if days else None,
        )
