"""Facts about content: measured once, whoever holds the content and wherever it stands."""

from typing import ClassVar

from django.db import models


class ContentFacts(models.Model):
    """What was measured in one piece of source.

    The key is the content itself: for scope FILE the Git blob id. Scope DEFINITION is the room
    left for facts of single definitions (keyed by a digest of their text), from which the history
    of a long file is measured without parsing all of it again for each version. `analyser` is the
    version of the measuring rules: a new formula adds rows and rewrites none.
    """

    class Scope(models.IntegerChoices):
        FILE = 1, "file"
        DEFINITION = 2, "definition"

    scope = models.PositiveSmallIntegerField(choices=Scope.choices, default=Scope.FILE)
    digest = models.CharField(max_length=64)
    analyser = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=20)

    loc = models.PositiveIntegerField(null=True)
    lloc = models.PositiveIntegerField(null=True)
    sloc = models.PositiveIntegerField(null=True)
    comments = models.PositiveIntegerField(null=True)
    multi = models.PositiveIntegerField(null=True)
    blank = models.PositiveIntegerField(null=True)
    single_comments = models.PositiveIntegerField(null=True)
    complexity = models.PositiveIntegerField(null=True)
    complexity_max = models.PositiveIntegerField(null=True)
    function_count = models.PositiveIntegerField(null=True)
    maintainability_index = models.FloatField(null=True)
    # Halstead's counts; volume, difficulty, effort and the rest follow from them.
    distinct_operators = models.PositiveIntegerField(null=True)
    distinct_operands = models.PositiveIntegerField(null=True)
    total_operators = models.PositiveIntegerField(null=True)
    total_operands = models.PositiveIntegerField(null=True)
    # [[qualified name, line, end line, complexity], ...] in the order of the text.
    functions = models.JSONField(default=list)
    # [[module, name or null, level, line, under TYPE_CHECKING], ...] one per alias.
    imports = models.JSONField(default=list)

    error_reason = models.CharField(max_length=20, blank=True)
    error_detail = models.CharField(max_length=500, blank=True)
    error_line = models.PositiveIntegerField(null=True)
    # A crash or a time-out may be the machine's fault: tried again, but not for ever.
    attempts = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name_plural = "content facts"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["digest", "scope", "analyser"], name="content_measured_once"
            ),
            models.CheckConstraint(
                condition=models.Q(error_reason="", loc__isnull=False)
                | (~models.Q(error_reason="") & models.Q(loc__isnull=True)),
                name="content_measured_or_error",
            ),
        ]

    def __str__(self) -> str:
        return self.digest


class SearchedContent(models.Model):
    """Whether a piece of source contains a text that somebody looks for in whole trees.

    A blob is searched once ever for a text, like it is measured once: looking through a tree
    again after a push reads the few blobs that are new.
    """

    needle = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    is_found = models.BooleanField()

    class Meta:
        verbose_name_plural = "searched contents"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["digest", "needle"], name="content_searched_once")
        ]

    def __str__(self) -> str:
        return f"{self.needle} in {self.digest}: {self.is_found}"
