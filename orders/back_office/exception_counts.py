"""How many exceptions of each kind somebody may see wait for a person."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils import timezone

from audit.exceptions.kinds import ExceptionKind, kinds_of
from audit.exceptions.models import ExceptionCase


@dataclass(frozen=True, slots=True)
class Tab:
    """One kind, or all of them (`kind` empty). `late`: how many are beyond their time."""

    kind: str
    title: str
    count: int
    late: int


def tabs(request: HttpRequest) -> list[Tab]:
    """All together, then each kind of the person's role. One statement a request."""
    known: list[Tab] | None = getattr(request, "_exception_tabs", None)
    if known is None:
        known = _count(request.user)
        request._exception_tabs = known  # type: ignore[attr-defined]
    return known


def _count(user: object) -> list[Tab]:
    late = Count("pk", filter=Q(due_at__lt=timezone.now()))
    rows = ExceptionCase.objects.visible_to(user).open().order_by().values_list("kind")
    found = {kind: (count, overdue) for kind, count, overdue in rows.annotate(count=Count("pk"), late=late)}
    kinds = kinds_of(getattr(user, "role", None))
    each = [Tab(kind, str(ExceptionKind(kind).label), *found.get(kind, (0, 0))) for kind in kinds]
    return [Tab("", "All", sum(tab.count for tab in each), sum(tab.late for tab in each)), *each]
