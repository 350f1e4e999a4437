"""Forms of the pages of alerts. What is allowed is decided by the services."""

from collections.abc import Iterable, Mapping
from datetime import date

from django import forms

from alerts.domain.places import countries, parts_of, time_zones
from alerts.services.routes import Terms
from ledger.domain.audiences import AUDIENCE_WORDS
from ledger.domain.terms import Severity

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NOT_A_DATE = "“%s” is no date. Write one date in a line, as 2026-12-24."
MOST_DAYS_OFF = 400


class DropForm(forms.Form):
    """Why a message is no longer sent."""

    reason = forms.CharField(
        max_length=300, label="Reason", help_text="For whoever reads the log later."
    )


class RuleForm(forms.Form):
    """Which debts are spoken of in which channel."""

    name = forms.CharField(
        max_length=100, label="Name", help_text="For example “Payments, everything in #payments”."
    )
    channel = forms.TypedChoiceField(label="Said in", coerce=int)
    team = forms.ChoiceField(label="Debts of", required=False)
    system = forms.ChoiceField(label="System", required=False)
    repository = forms.ChoiceField(label="Repository", required=False)
    least_severity = forms.ChoiceField(
        label="From this severity on",
        choices=[(one.value, one.value.capitalize()) for one in Severity],
        initial=Severity.LOW.value,
    )
    audience = forms.ChoiceField(
        label="Worded for",
        choices=[(one.value, words) for one, words in AUDIENCE_WORDS.items()],
        help_text="Only engineering leadership reads hours and money.",
    )
    mentions = forms.BooleanField(
        label="Call the owner by name from the last working day on",
        required=False,
        initial=True,
    )

    def __init__(
        self,
        *,
        channels: Iterable[tuple[int, str]],
        teams: Iterable[tuple[str, str]],
        takes_no_team: bool,
        systems: Iterable[str],
        repositories: Iterable[tuple[int, str]],
        data: Mapping[str, str] | None = None,
        initial: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        everybody = [("", "Everybody else: debts that no team's rule takes")]
        _offer(self.fields["channel"], [(str(number), name) for number, name in channels])
        _offer(self.fields["team"], [*(everybody if takes_no_team else []), *teams])
        self.fields["team"].required = not takes_no_team
        _offer(self.fields["system"], [("", "Every system"), *((one, one) for one in systems)])
        places = [(str(number), name) for number, name in repositories]
        _offer(self.fields["repository"], [("", "Every repository"), *places])

    @property
    def has_channels(self) -> bool:
        """Whether there is a channel to choose at all."""
        field = self.fields["channel"]
        return isinstance(field, forms.ChoiceField) and bool(field.choices)

    def values(self) -> Terms:
        """What the services take."""
        given = self.cleaned_data
        return {
            "name": given["name"],
            "channel_id": given["channel"],
            "team_id": _id(given["team"]),
            "system": given["system"],
            "repository_id": _id(given["repository"]),
            "least_severity": given["least_severity"],
            "audience": given["audience"],
            "mentions": given["mentions"],
        }


class ScheduleForm(forms.Form):
    """When a team works, and when it wants to be spoken to."""

    time_zone = forms.ChoiceField(label="Time zone")
    speaks_at = forms.TimeField(
        label="Speak at",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="In this time zone, on working days.",
    )
    country = forms.ChoiceField(label="Public holidays of", required=False)
    subdivision = forms.ChoiceField(label="Part of the country", required=False)
    working_days = forms.TypedMultipleChoiceField(
        label="Working days",
        choices=list(enumerate(WEEKDAYS)),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )
    weekly_on = forms.TypedChoiceField(
        label="Look ahead on",
        choices=list(enumerate(WEEKDAYS)),
        coerce=int,
        help_text="Once a week the digest also names what comes due in 15 to 30 days.",
    )
    days_off = forms.CharField(
        label="Other days off",
        required=False,
        max_length=20 * MOST_DAYS_OFF,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "2026-12-24\n2026-12-31"}),
        help_text="One date in a line.",
    )

    def __init__(
        self,
        *,
        country: str,
        data: Mapping[str, str] | None = None,
        initial: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        zones = sorted(one for one in time_zones() if "/" in one or one == "UTC")
        _offer(self.fields["time_zone"], [(one, one.replace("_", " ")) for one in zones])
        _offer(self.fields["country"], [("", "No country"), *countries()])
        _offer(self.fields["subdivision"], [("", "The whole country"), *parts_of(country)])

    def clean_days_off(self) -> list[date]:
        """The dates, each once, sorted."""
        found: set[date] = set()
        for line in self.cleaned_data["days_off"].replace(",", "\n").split("\n"):
            if text := line.strip():
                found.add(_date(text))
        return sorted(found)


def _offer(field: forms.Field, choices: Iterable[tuple[str, str]]) -> None:
    if isinstance(field, forms.ChoiceField):
        field.choices = list(choices)


def _id(text: str) -> int | None:
    return int(text) if text else None


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise forms.ValidationError(NOT_A_DATE % text[:40]) from None
