"""The form of a new environment, built from the blueprints that were chosen."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString

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
HERE = "This host"
NO_PLACE = "Nobody has set up a target for it yet. An operator does that under Targets."


class TickBox(forms.CheckboxInput):
    """A box that says also when it is not ticked: a browser sends nothing of it by itself."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: Any = None,
    ) -> SafeString:
        box = super().render(name, value, attrs, renderer)
        return format_html('<input type="hidden" name="{}" value="">{}', name, box)


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
            if tuple(offer.places) != ("",):
                self.fields[_target_name(offer)] = _target_field(offer)
            for one in offer.settings:
                self.fields[_setting_name(offer, one)] = _setting_field(one)

    def chosen(self, offer: Offer) -> TierOffer:
        """The size that is chosen now, or the recommended one."""
        value = self[f"tier_{offer.resource}"].value()
        return offer.tier(str(value or ""))

    def settings_of(self, offer: Offer) -> list[forms.BoundField]:
        """The fields of a resource's own settings."""
        return [self[_setting_name(offer, one)] for one in offer.settings]

    def target_of(self, offer: Offer) -> forms.BoundField | None:
        """Where a resource is built, where that is a choice."""
        name = _target_name(offer)
        return self[name] if name in self.fields else None

    def is_touched(self, offer: Offer) -> bool:
        """Whether a setting has to be seen: asked for, refused, or other than the blueprint's."""
        return any(
            one.required
            or bound.errors
            or _shown(one, bound.value()) != _shown(one, bound.field.initial)
            for one, bound in zip(offer.settings, self.settings_of(offer), strict=True)
        )

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
                target=self.cleaned_data.get(_target_name(offer), ""),
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


def _target_name(offer: Offer) -> str:
    return f"target_{offer.resource}"


def _target_field(offer: Offer) -> forms.Field:
    names = list(offer.places)
    choices = [(one, one or HERE) for one in names]
    if len(names) != 1 and "" not in names:
        choices = [("", "Choose a target"), *choices]
    return forms.ChoiceField(
        label=f"Target of {offer.resource}",
        choices=choices,
        required="" not in names,
        initial=names[0] if len(names) == 1 else "",
        help_text="Where it is built." if names else NO_PLACE,
        error_messages={"required": "Choose where it is built." if names else NO_PLACE},
    )


def _setting_field(one: Setting) -> forms.Field:
    common: dict[str, Any] = {
        "label": one.title, "required": one.required, "initial": one.default,
    }  # fmt: skip
    if one.choices:
        known = {str(each): each for each in one.choices}
        unset = [] if one.default in one.choices else [("", "Choose" if one.required else "None")]
        return forms.TypedChoiceField(
            choices=[*unset, *((text, text) for text in known)], coerce=known.__getitem__, **common
        )
    if one.kind == "yes":
        # Not to tick it is an answer, too.
        return forms.BooleanField(widget=TickBox, **{**common, "required": False})
    if one.kind == "whole":
        return forms.IntegerField(min_value=_whole(one.least), max_value=_whole(one.most), **common)
    if one.kind == "number":
        return forms.FloatField(min_value=one.least, max_value=one.most, **common)
    return forms.CharField(max_length=LONGEST_SETTING, **common)


def _shown(one: Setting, value: Any) -> Any:
    """A value as its field shows it, whatever way it came."""
    return bool(value) if one.kind == "yes" and not one.choices else str(value)


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)
