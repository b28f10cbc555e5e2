"""A customer's address book."""

from typing import TypedDict

from accounts.models import Address, User
from api.actors import Actor
from audit.verbs import verb


class PostalAddress(TypedDict, total=False):
    """The fields of an address; what is left out is empty in a new one and unchanged in an old one."""

    first_name: str
    last_name: str
    company: str
    line1: str
    line2: str
    city: str
    region: str
    postal_code: str
    country: str
    phone: str


@verb
def add_address(*, user_id: int, address: PostalAddress, by: Actor) -> Address:
    """Write an address into a person's book. Raises `AccountClosed`."""
    User.objects.keep_open(user_id)
    return Address.objects.create(user_id=user_id, **address)


@verb
def change_address(*, user_id: int, address_id: int, changes: PostalAddress, by: Actor) -> Address:
    """Correct an address of a person's book. Orders keep the one they were placed with. Raises `NotFound`."""
    address = Address.objects.lock(address_id, user_id=user_id)
    for name, value in changes.items():
        setattr(address, name, value)
    address.save(update_fields=list(changes))
    return address


@verb
def remove_address(*, user_id: int, address_id: int, by: Actor) -> None:
    """Strike an address from a person's book. Raises `NotFound`."""
    Address.objects.lock(address_id, user_id=user_id).delete()
