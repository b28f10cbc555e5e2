"""What staff tell each other about an order."""

from django.utils import timezone

from api.actors import Actor
from audit.verbs import verb
from kernel.errors import Invalid
from orders.models import OrderNote
from orders.services.read import lock_order


@verb
def add_note(*, order_id: int, text: str, by: Actor) -> OrderNote:
    """Keep a remark for colleagues. Raises `NotFound`, and `Invalid` when there is nothing to keep."""
    order = lock_order(order_id)
    if not text.strip():
        raise Invalid("Write something.", field="text")
    return OrderNote.objects.create(order=order, text=text.strip(), actor=str(by), created_at=timezone.now())
