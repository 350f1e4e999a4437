"""Who let changes through that the gate had stopped."""

from django.db.models import Q, QuerySet

from hooks.models import GateOverride


def overrides_list(search: str = "") -> QuerySet[GateOverride]:
    """Every use of the break-glass, the newest first; `search` looks at names and reasons."""
    found = GateOverride.objects.select_related("repository").order_by("-pk")
    if not search:
        return found
    return found.filter(
        Q(repository_name__icontains=search)
        | Q(actor_name__icontains=search)
        | Q(reason__icontains=search)
        | Q(head_sha__startswith=search.lower())
    )
