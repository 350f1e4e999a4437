"""The forms of the policy: what an admin sets, and what is asked of a waiver."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django import forms

from ledger.domain.history import Json
from ledger.domain.policy import APPROVER_TIERS, Enforcement, Rule
from ledger.domain.policy_documents import MOST_COSTS, MOST_DAYS
from ledger.domain.policy_words import LEVEL_MEANINGS, RULE_LABELS
from ledger.domain.terms import Confidence
from ledger.web.forms.refusals import date_field, text_area

LEVELS = [(level.value, level.value.capitalize()) for level in Enforcement]
ROLES = [(role.value, role.label) for role in APPROVER_TIERS]
MOST_NOTE = 2_000


class RuleFields(forms.Form):
    """Of every rule: how hard it is now, and how hard from an announced day on."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    note = forms.CharField(
        label="Why it changes", required=False, max_length=MOST_NOTE, widget=text_area(2)
    )
    # What the choice of a level begins with, where a rule may be left alone.
    unset: list[tuple[str, str]] = []

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for rule in Rule:
            name, label = rule.value, RULE_LABELS[rule]
            self.fields[name] = forms.ChoiceField(
                label=f"{label}: now", choices=[*self.unset, *LEVELS], required=not self.unset
            )
            self.fields[f"{name}_next"] = forms.ChoiceField(
                label=f"{label}: later", choices=[("", "No change"), *LEVELS], required=False
            )
            self.fields[f"{name}_from"] = date_field(f"{label}: from", required=False)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        for rule in Rule:
            later, begins = values.get(f"{rule}_next"), values.get(f"{rule}_from")
            if bool(later) != bool(begins) and f"{rule}_from" not in self.errors:
                self.add_error(f"{rule}_from", "Choose both the later level and its day.")
            elif later and not values.get(rule.value) and rule.value not in self.errors:
                self.add_error(rule.value, "Choose how hard it is until then.")
        return values

    def rules(self) -> Json:
        """The settings that were chosen, as the document has them."""
        values = self.cleaned_data
        return {
            rule.value: {
                "enforcement": values[rule.value],
                "announced": {
                    "enforcement": values[f"{rule}_next"],
                    "effective_from": values[f"{rule}_from"],
                }
                if values[f"{rule}_next"]
                else None,
            }
            for rule in Rule
            if values[rule.value]
        }

    def rule_rows(self) -> Iterator[tuple[str, Any, Any, Any]]:
        """Label and the three fields of each rule, for the table."""
        for rule in Rule:
            yield RULE_LABELS[rule], self[rule.value], self[f"{rule}_next"], self[f"{rule}_from"]


class PolicyForm(RuleFields):
    """The organisation's policy."""

    one_way_role = forms.ChoiceField(
        label="Who accepts what cannot be undone",
        choices=ROLES,
        help_text="A named reviewer looks at it first.",
    )
    ceiling = forms.DecimalField(
        label="Debt ceiling, in % of a system's capacity",
        required=False,
        min_value=Decimal("0.01"),
        max_value=Decimal(100),
        max_digits=5,
        decimal_places=2,
        help_text="Interest above it takes the next tier of approver. Empty: no ceiling.",
    )
    hours_per_person = forms.DecimalField(
        label="Hours for development of one person, a month",
        min_value=Decimal("0.01"),
        max_value=Decimal(744),
        max_digits=6,
        decimal_places=2,
        help_text="The capacity of a system whose hours are not given is this, for each person "
        "who owns accepted debt in it.",
    )
    capacities = forms.CharField(
        label="Capacity of systems, in hours a month",
        required=False,
        max_length=20_000,
        widget=text_area(4),
        help_text="One system on each line, as in: shop = 320. A system is what a debt names, "
        "else the short name of its repository.",
    )

    costs_admin_above = forms.DecimalField(
        label="An admin must ask above, a month",
        required=False,
        min_value=Decimal(0),
        max_value=MOST_COSTS,
        decimal_places=2,
        help_text="The cost of everything that would stand then. Empty: no limit.",
    )
    costs_most = forms.DecimalField(
        label="Refused above, a month",
        required=False,
        min_value=Decimal(0),
        max_value=MOST_COSTS,
        decimal_places=2,
        help_text="Nobody may ask for more, not even an admin. Empty: no limit.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for level in Confidence:
            self.fields[f"term_{level}"] = forms.IntegerField(
                label=f"Longest term, {level} confidence (days)", min_value=1, max_value=MOST_DAYS
            )
            self.fields[f"approver_{level}"] = forms.ChoiceField(
                label=f"Who accepts, {level} confidence", choices=ROLES
            )
        self.fields["extension_roles"] = forms.CharField(
            label="Who grants the first, second, ... extension",
            required=False,
            max_length=200,
            help_text="Roles with commas, as in: approver, admin. After the last one a promise "
            "can only be escalated. Empty: no extensions.",
        )

    def clean_capacities(self) -> Json:
        found = {}
        for row in self.cleaned_data["capacities"].splitlines():
            if not row.strip():
                continue
            name, separator, hours = row.rpartition("=")
            if not separator or not name.strip():
                raise forms.ValidationError(f"“{row.strip()[:60]}” lacks a name, “=” or hours.")
            found[name.strip()] = hours.strip()
        return found

    def document(self, repositories: Mapping[str, Any]) -> Json:
        """The document that the form describes; the rules of repositories stay as they are."""
        values = self.cleaned_data
        share = values["ceiling"]
        roles = [word.strip().lower() for word in values["extension_roles"].split(",")]
        return {
            "longest_terms": {level.value: values[f"term_{level}"] for level in Confidence},
            "approvers": {level.value: values[f"approver_{level}"] for level in Confidence},
            "extension_roles": [role for role in roles if role],
            "one_way_role": values["one_way_role"],
            "ceiling_share": None if share is None else share / 100,
            "hours_per_person": values["hours_per_person"],
            "capacities": values["capacities"],
            "environment_costs": {
                "admin_above": values["costs_admin_above"],
                "most": values["costs_most"],
            },
            "rules": self.rules(),
            "repositories": repositories,
        }


class RepositoryRulesForm(RuleFields):
    """How hard the rules are in one repository, where it differs."""

    unset = [("", "As everywhere")]


class WaiverForm(forms.Form):
    """An exception that somebody asks for."""

    repository = forms.ChoiceField()
    rule = forms.ChoiceField(choices=[(rule.value, RULE_LABELS[rule]) for rule in Rule])
    path = forms.CharField(
        label="Only for paths like",
        required=False,
        max_length=200,
        help_text="As in billing/*, where * also stands for folders. Empty: everywhere.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    expires_on = date_field("Until, to the end of the day")
    reason = forms.CharField(max_length=MOST_NOTE, widget=text_area(2))

    def __init__(self, *args: Any, repositories: Mapping[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["repository"]
        field.choices = list(repositories.items())

    def arguments(self) -> dict[str, Any]:
        values = dict(self.cleaned_data)
        return {"repository_id": int(values.pop("repository")), **values}


def rule_values(rules: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields of rules show at first."""
    found: dict[str, Any] = {}
    for name, setting in rules.items():
        later = setting["announced"] or {}
        found[name] = setting["enforcement"]
        found[f"{name}_next"] = later.get("enforcement", "")
        found[f"{name}_from"] = later.get("effective_from", "")
    return found


def policy_values(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the form of the policy shows at first."""
    share = document["ceiling_share"]
    capacities = document["capacities"].items()
    limits = document["environment_costs"]
    return {
        "costs_admin_above": limits["admin_above"],
        "costs_most": limits["most"],
        **rule_values(document["rules"]),
        **{f"term_{level}": document["longest_terms"][level.value] for level in Confidence},
        **{f"approver_{level}": document["approvers"][level.value] for level in Confidence},
        "extension_roles": ", ".join(document["extension_roles"]),
        "one_way_role": document["one_way_role"],
        "ceiling": None if share is None else f"{(Decimal(share) * 100).normalize():f}",
        "hours_per_person": f"{Decimal(document['hours_per_person']).normalize():f}",
        "capacities": "\n".join(
            f"{name} = {Decimal(hours).normalize():f}" for name, hours in capacities
        ),
    }


def level_meanings() -> list[tuple[str, str]]:
    """What each level does, for the legend."""
    return [(level.value, meaning) for level, meaning in LEVEL_MEANINGS.items()]
