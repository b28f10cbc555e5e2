"""What each role may do, for people to read: the rights themselves stand in `accounts.roles`."""

from collections import defaultdict
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from accounts import roles
from accounts.models import User
from audit.admin import ReadOnlyAdmin

LETTERS = ("view", "add", "change", "delete")


@admin.register(Group)
class RoleAdmin(ReadOnlyAdmin):
    """Roles, as groups with their permissions; a person has the role that their page says."""

    list_display = ("title", "people", "permission_count")
    fields = ("title", "people", "verbs", "tables")
    readonly_fields = fields
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).filter(name__in=roles.PERMISSIONS)

    @display(description="role", ordering="name")
    def title(self, group: Group) -> str:
        return str(User.Role(group.name).label)

    @display(description="people")
    def people(self, group: Group) -> int:
        return User.objects.filter(role=group.name, is_active=True).count()

    @display(description="permissions")
    def permission_count(self, group: Group) -> int:
        return group.permissions.count()

    @display(description="may do")
    def verbs(self, group: Group) -> str:
        """The verbs that no table stands for, such as to pack an order."""
        patterns = roles.PERMISSIONS[group.name]
        if "*" in patterns:
            return "everything"
        names = (pattern.partition(".")[2] for pattern in patterns)
        plain = (name for name in names if "*" not in name and not name.startswith(LETTERS))
        return ", ".join(sorted(name.replace("_", " ") for name in plain)) or "nothing beside their own things"

    @display(description="tables")
    def tables(self, group: Group) -> Any:
        found: dict[str, list[str]] = defaultdict(list)
        for permission in group.permissions.select_related("content_type").order_by("content_type__app_label"):
            verb = permission.codename.partition("_")[0]
            found[str(permission.content_type)].append(verb)
        rows = (f"{table}: {', '.join(sorted(verbs, key=_order))}" for table, verbs in found.items())
        return "\n".join(rows) or "none"


def _order(verb: str) -> int:
    return LETTERS.index(verb) if verb in LETTERS else len(LETTERS)
