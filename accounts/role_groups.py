"""Roles as Django's groups, so that whoever looks there finds what `accounts.roles` says."""

from typing import Any

from django.contrib.auth.models import Group, Permission

from accounts import roles


def sync_groups(**_: Any) -> None:
    """Make the groups and their permissions what the table of roles says."""
    everything = list(Permission.objects.select_related("content_type"))
    for role in roles.PERMISSIONS:
        group, _made = Group.objects.get_or_create(name=role)
        group.permissions.set(
            [row for row in everything if roles.may(role, f"{row.content_type.app_label}.{row.codename}")]
        )
