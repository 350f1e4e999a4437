"""What remote systems report about runs by themselves."""

from typing import ClassVar

from django.db import models

from common.encryption import SealedField


class RunReport(models.Model):
    """One signed report, taken once: whoever sends it again changes nothing."""

    run = models.ForeignKey("orchestration.Run", on_delete=models.CASCADE, related_name="reports")
    resource = models.ForeignKey(
        "orchestration.Resource", on_delete=models.CASCADE, related_name="+"
    )
    # The sender's own name for it: webhook-id.
    message_id = models.CharField(max_length=200)
    # The order that it is about.
    order = models.CharField(max_length=200)
    # What it says, as JSON; outputs may be secret.
    sealed = SealedField()
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "message_id"], name="orch_report_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["run", "order"], name="orch_report_order")]

    def __str__(self) -> str:
        return f"{self.order} {self.message_id}"
