"""Choosing a file to import and how to take it."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.selectors import Owner
from ledger.domain.exchange.documents import MOST_BYTES
from ledger.domain.exchange.formats import LABELS, Format
from ledger.domain.exchange.results import ImportOrder
from ledger.web.forms.refusals import date_field


class ImportForm(forms.Form):
    """A file, its format, and the defaults for what it does not say."""

    format = forms.ChoiceField(
        label="What it is", choices=[(one.value, LABELS[one]) for one in Format]
    )
    file = forms.FileField(
        max_length=200,
        help_text=f"At most {MOST_BYTES >> 20} MiB and 10,000 entries.",
        error_messages={"empty": "The file is empty."},
    )
    repository = forms.ChoiceField(
        required=False,
        help_text="Whose code the file speaks of. Its CODEOWNERS gives the owners.",
    )
    owner = forms.CharField(
        label="Owner where nothing names one",
        required=False,
        max_length=64,
        help_text="A team or person. The file comes first, then CODEOWNERS.",
        widget=forms.TextInput(attrs={"list": "owners", "autocomplete": "off"}),
    )
    due_on = date_field(
        "Date where the file has none",
        required=False,
        help_text="Within the longest term of a promise. Empty: such entries are refused.",
    )
    source = forms.CharField(
        label="Name of the source",
        required=False,
        max_length=200,
        help_text="The same name in the next import tells what is new and what vanished. Empty: "
        "the file's name.",
    )

    def __init__(
        self,
        *args: Any,
        owners: Sequence[Owner] = (),
        repositories: Sequence[tuple[str, str]] = (),
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.owners = owners
        self.fields["repository"].choices = [("", "None"), *repositories]  # type: ignore[attr-defined]  # a choice field

    def order(self) -> ImportOrder:
        """What the services take."""
        values = self.cleaned_data
        return ImportOrder(
            kind=Format(values["format"]),
            data=values["file"].read(MOST_BYTES + 1),
            file_name=values["file"].name,
            repository_id=int(values["repository"]) if values["repository"] else None,
            source=values["source"],
            owner=values["owner"],
            due_on=values["due_on"],
        )
