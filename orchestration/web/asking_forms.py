"""The form of a new environment, built from the blueprints that were chosen."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from accounts.domain.roles import Role
from accounts.selectors import Owner, User
from orchestration.domain.lifetimes import DEFAULT_DAYS, MOST_DAYS
from orchestration.domain.policy import Verdict
from orchestration.domain.sizing import Fit
from orchestration.selectors.costs import limit_said
from orchestration.selectors.offers import Offer, Setting, TierOffer
from orchestration.services.environments import ResourceDraft

NO_REASON = "Say why it has to be larger than the smallest, or than ten times what was measured."
LONGEST_SETTING = 500


class AskForm(forms.Form):
    """Sizes, settings and terms of a new environment. The services have the last word."""

    name = forms.CharField(
        max_length=100,
        label="Name",
        help_text="How people recognise it, for example “Checkout split, staging”.",
    )
    purpose = forms.CharField(
        max_length=500,
        required=False,
        label="What it is for",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    owner = forms.CharField(
        max_length=100,
        label="Owner",
        help_text="A person or a team. They are told before it ends.",
        widget=forms.TextInput(attrs={"list": "owners", "autocomplete": "off"}),
    )
    days = forms.IntegerField(
        min_value=1,
        max_value=MOST_DAYS,
        initial=DEFAULT_DAYS,
        label="Days that it is needed",
        help_text="It is taken away then. It can be extended, or promoted to stay.",
    )
    system = forms.CharField(
        max_length=100,
        required=False,
        label="System that it is sized for",
        help_text="What was measured of this system decides which size is right.",
        widget=forms.TextInput(attrs={"list": "systems", "autocomplete": "off"}),
    )
    is_production = forms.BooleanField(
        required=False,
        label="It serves real users",
        help_text="Less than what was measured is then refused.",
    )
    justification = forms.CharField(
        max_length=1000,
        required=False,
        label="Reason for its size",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Needed where a size says so. Whoever approves it reads this.",
    )

    def __init__(
        self,
        offers: Sequence[Offer],
        *,
        owners: Iterable[Owner] = (),
        systems: Iterable[str] = (),
        data: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.offers = offers
        self.owners = owners
        self.systems = systems
        for offer in offers:
            self.fields[f"tier_{offer.resource}"] = _tier_field(offer)
            for one in offer.settings:
                self.fields[_setting_name(offer, one)] = _setting_field(one)

    def chosen(self, offer: Offer) -> TierOffer:
        """The size that is chosen now, or the recommended one."""
        value = self[f"tier_{offer.resource}"].value()
        return offer.tier(str(value or ""))

    def settings_of(self, offer: Offer) -> list[forms.BoundField]:
        """The fields of a resource's own settings."""
        return [self[_setting_name(offer, one)] for one in offer.settings]

    def hold_against_policy(self, user: User) -> None:
        """Say what the policy would refuse anyway, before anything is planned."""
        given = self.cleaned_data
        chosen = [self.chosen(one) for one in self.offers]
        asking = any(one.asks_reason for one in chosen)
        if asking and not given.get("justification", "").strip():
            self.add_error("justification", NO_REASON)
        for offer, one in zip(self.offers, chosen, strict=True):
            field = f"tier_{offer.resource}"
            if one.found.fit is Fit.TOO_SMALL and given.get("is_production"):
                self.add_error(field, f"{one.says} For real users that is refused.")
            if one.asks_reason and one.found.fit is Fit.NEEDS_ADMIN and not user.may(Role.ADMIN):
                self.add_error(field, one.says)
        limit = self.limit(user)
        if limit is not None and limit.is_refusal:
            self.add_error(None, limit.text)

    def limit(self, user: User) -> Verdict | None:
        """What the limits of the policy say of the chosen sizes; None without limits."""
        tiers = [self.chosen(one).tier for one in self.offers]
        monthly = sum((one.monthly_cost for one in tiers), Decimal(0))
        currency = tiers[0].currency if tiers else ""
        return limit_said(monthly, currency, is_admin=user.may(Role.ADMIN))

    def drafts(self) -> list[ResourceDraft]:
        """What the services take: one draft for each resource."""
        return [
            ResourceDraft(
                name=offer.resource,
                blueprint=offer.blueprint.name,
                tier=self.chosen(offer).tier.name,
                parameters=self._parameters(offer),
            )
            for offer in self.offers
        ]

    def _parameters(self, offer: Offer) -> dict[str, Any]:
        """Only what differs from the blueprint's own values."""
        given = {one.name: self.cleaned_data[_setting_name(offer, one)] for one in offer.settings}
        defaults = {one.name: one.default for one in offer.settings}
        return {
            name: value
            for name, value in given.items()
            if value not in ("", None) and value != defaults[name]
        }


def _setting_name(offer: Offer, setting: Setting) -> str:
    return f"set_{offer.resource}_{setting.name}"


def _tier_field(offer: Offer) -> forms.Field:
    best = next(one for one in offer.tiers if one.is_recommended)
    return forms.ChoiceField(
        label=f"Size of {offer.resource}",
        choices=[(one.tier.name, one.tier.title) for one in offer.tiers],
        initial=best.tier.name,
    )


def _setting_field(one: Setting) -> forms.Field:
    common: dict[str, Any] = {"label": one.title, "required": False, "initial": one.default}
    if one.choices:
        return forms.ChoiceField(choices=[(each, each) for each in one.choices], **common)
    if one.kind == "yes":
        return forms.BooleanField(**common)
    if one.kind == "whole":
        return forms.IntegerField(min_value=_whole(one.least), max_value=_whole(one.most), **common)
    if one.kind == "number":
        return forms.FloatField(min_value=one.least, max_value=one.most, **common)
    return forms.CharField(max_length=LONGEST_SETTING, **common)


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)
