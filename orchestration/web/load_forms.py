"""What is told by hand of a load, and who is asked for one."""

from collections.abc import Iterable
from typing import Any

from django import forms

from orchestration.domain.capabilities import METRIC_WORDS

_METRICS = [(metric.value, words.capitalize()) for metric, words in METRIC_WORDS.items()]
_LIST = {"list": "systems", "autocomplete": "off"}


class _OfSystem(forms.Form):
    system = forms.CharField(
        max_length=100,
        label="System",
        help_text="The word that debts and environments carry.",
        widget=forms.TextInput(attrs=_LIST),
    )
    metric = forms.ChoiceField(choices=_METRICS, label="Measured")

    def __init__(self, *args: Any, systems: Iterable[str] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.systems = systems


class LoadForm(_OfSystem):
    """A load that somebody measured by hand."""

    value = forms.FloatField(
        min_value=0, label="Highest value", help_text="The peak of the time, not its average."
    )
    hours = forms.FloatField(
        min_value=0.01, max_value=90 * 24, initial=1, label="Hours that it is the peak of"
    )
    at = forms.DateTimeField(
        required=False,
        label="Until",
        help_text="Empty: until now.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class LoadSourceForm(_OfSystem):
    """A Prometheus that is asked for a load; it has ids of its own beside the form above."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "source_%s", **options})

    url = forms.CharField(max_length=500, label="Address", help_text="https://host of Prometheus.")
    query = forms.CharField(
        max_length=1000,
        label="Query",
        help_text="As in max_over_time(pg_stat_activity_count[15m]).",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
