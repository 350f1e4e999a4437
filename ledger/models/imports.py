"""What was imported from where, so that the same file again changes nothing twice."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from ledger.domain.exchange.formats import Format
from ledger.models.choices import choices_of, is_one_of


class ImportSource(models.Model):
    """A file that is imported now and then; its row is the lock of an import."""

    repository = models.ForeignKey(
        "analysis.Repository", null=True, on_delete=models.CASCADE, related_name="+"
    )
    format = models.CharField(max_length=20, choices=choices_of(Format))
    name = models.CharField(max_length=200)
    imported_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["format", "name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["repository", "format", "name"],
                condition=Q(repository__isnull=False),
                name="import_source_once",
            ),
            models.UniqueConstraint(
                fields=["format", "name"],
                condition=Q(repository__isnull=True),
                name="import_source_once_without",
            ),
            is_one_of("format", Format, "import_format_known"),
        ]

    def __str__(self) -> str:
        return f"{self.format} {self.name}"


class ImportedFinding(models.Model):
    """Which debt stands for an entry of a source; the entry's fingerprint is its identity."""

    source = models.ForeignKey(ImportSource, on_delete=models.CASCADE, related_name="findings")
    fingerprint = models.CharField(max_length=64)
    item = models.ForeignKey("ledger.DebtItem", on_delete=models.PROTECT, related_name="+")
    # What the file said of the date when it was last applied; nothing where it said none.
    expires_on = models.DateField(null=True)
    seen_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "fingerprint"], name="import_finding_once"),
        ]

    def __str__(self) -> str:
        return f"{self.fingerprint[:12]} is {self.item_id}"


class ImportUpload(models.Model):
    """A file between its preview and the decision to import it; one for each person."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    # How to take it: the fields of `ImportOrder` but for the data.
    order = models.JSONField()
    content = models.BinaryField()
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"upload of {self.user_id}"
