"""What each role may do, for people to read: the rights themselves stand in `accounts.roles`."""

from collections import defaultdict

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from accounts import roles
from accounts.models import Role, User
from audit.admin import ReadOnlyAdmin

LETTERS = ("view", "add", "change", "delete")


@admin.register(Role)
class RoleAdmin(ReadOnlyAdmin):
    """Roles, as groups with their permissions; a person has the role that their page says."""

    list_display = ("title", "people", "permission_count")
    fields = ("title", "people", "verbs", "tables")
    readonly_fields = fields
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Role]:
        return super().get_queryset(request).filter(name__in=roles.PERMISSIONS)

    @display(description="role", ordering="name")
    def title(self, role: Role) -> str:
        return str(role)

    @display(description="people")
    def people(self, role: Role) -> int:
        return User.objects.filter(role=role.name, is_active=True).count()

    @display(description="permissions")
    def permission_count(self, role: Role) -> int:
        return role.permissions.count()

    @display(description="may do")
    def verbs(self, role: Role) -> str:
        """The verbs that no table stands for, such as to pack an order."""
        patterns = roles.PERMISSIONS[role.name]
        if "*" in patterns:
            return "everything"
        names = (pattern.partition(".")[2] for pattern in patterns)
        plain = (name for name in names if "*" not in name and not name.startswith(LETTERS))
        return ", ".join(sorted(name.replace("_", " ") for name in plain)) or "nothing beside their own things"

    @display(description="tables")
    def tables(self, role: Role) -> str:
        """An app a line; what may be done with its tables, and with which. Histories go with what they are of."""
        if "*" in roles.PERMISSIONS[role.name]:
            return "all of them"
        rows = role.permissions.select_related("content_type").exclude(content_type__model__startswith="historical")
        verbs: dict[ContentType, set[str]] = defaultdict(set)
        for permission in rows:
            verbs[permission.content_type].add(permission.codename.partition("_")[0])
        apps: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for table, found in verbs.items():
            app, _, name = str(table).partition(" | ")
            apps[app][", ".join(sorted(found, key=_order))].append(name)
        lines = (
            f"{app}: " + "; ".join(f"{may} {', '.join(sorted(names))}" for may, names in sorted(groups.items()))
            for app, groups in sorted(apps.items())
        )
        return "\n".join(lines) or "none"


def _order(verb: str) -> int:
    return LETTERS.index(verb) if verb in LETTERS else len(LETTERS)
