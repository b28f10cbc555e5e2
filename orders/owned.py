"""Whose packages and warehouses: whoever comes, by the API, the back office or a queue, is held to their own."""

from accounts.models import Partner, User
from api.actors import Actor


def warehouses_of(by: Actor) -> frozenset[str] | None:
    """The codes of the warehouses that are `by`'s to pack and ship from; None: all. A stranger's are none."""
    if by.kind == "user":
        person = User.objects.filter(pk=by.user_id).first()
        return person.own_warehouses if person else frozenset()
    if by.kind == "partner":
        partner = Partner.objects.filter(pk=int(by.name)).first()
        return partner.own_warehouses if partner else frozenset()
    return None if by.kind == "system" else frozenset()
