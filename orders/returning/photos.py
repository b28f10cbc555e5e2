"""Photos of what came back: re-encoded as all pictures, kept where no address leads, shown by signed link."""

from typing import IO

from django.conf import settings
from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from api.actors import Actor
from audit.verbs import verb
from catalog.pictures import clean
from kernel.errors import NotFound
from orders.models import ReturnUnit
from orders.models.returns import place_for_photo
from orders.owned import warehouses_of
from orders.services.read import lock_order

SALT = "orders.returning.photo"
LINK_SECONDS = 600


def keep_photo(file: IO[bytes]) -> str:
    """Check and store a photo, and return its name there. Raises `UnfitImage`."""
    picture = clean(file)
    return default_storage.save(place_for_photo(None, f"photo{picture.suffix}"), ContentFile(picture.content))


def add_photo(*, unit_id: int, file: IO[bytes], by: Actor) -> ReturnUnit:
    """Show what units of a return looked like, instead of what was shown before. Raises `NotFound`, `UnfitImage`."""
    name = keep_photo(file)
    try:
        unit, before = _record(unit_id=unit_id, name=name, by=by)
    except BaseException:
        default_storage.delete(name)
        raise
    if before:
        default_storage.delete(before)
    return unit


def photo_link(unit: ReturnUnit) -> str:
    """Where the photo can be seen for ten minutes; empty without one."""
    if not unit.photo:
        return ""
    return f"{settings.SHOP_PUBLIC_URL}/api/v1/return-photos/{signing.dumps(unit.pk, salt=SALT)}"


def opened(token: str) -> ReturnUnit:
    """The units whose photo a link is for. Raises `NotFound` for a link that is forged or too old."""
    try:
        unit_id = signing.loads(token, salt=SALT, max_age=LINK_SECONDS)
    except signing.BadSignature as error:
        raise NotFound("This link has expired.") from error
    unit = ReturnUnit.objects.exclude(photo="").filter(pk=unit_id).first()
    if unit is None:
        raise NotFound("This link has expired.")
    return unit


@verb
def _record(*, unit_id: int, name: str, by: Actor) -> tuple[ReturnUnit, str]:
    own = warehouses_of(by)
    found = ReturnUnit.objects.filter(pk=unit_id)
    if own is not None:
        found = found.filter(warehouse__code__in=sorted(own))
    order_id = found.values_list("part__ret__order_id", flat=True).first()
    if order_id is None:
        raise NotFound("There are no such units.")
    lock_order(order_id)
    unit = ReturnUnit.objects.get(pk=unit_id)
    before = str(unit.photo)
    unit.photo = name
    unit.save(update_fields=["photo"])
    return unit, before
