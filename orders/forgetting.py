"""Baskets that nobody came back to."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from audit.retention import in_batches
from orders.models import Cart, CartItem
from orders.personal_data import FINISHED


def forget_carts() -> int:
    """Delete baskets untouched for `CART_DAYS`, unless their order is under way. Returns how many."""
    before = timezone.now() - timedelta(days=settings.CART_DAYS)
    idle = Q(order=None) | Q(order__status__in=FINISHED)
    old = Cart.objects.filter(idle, updated_at__lt=before).order_by("updated_at")

    def forget(size: int) -> int:
        ids = list(old.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:size])
        CartItem.objects.filter(cart__in=ids).delete()
        Cart.objects.filter(pk__in=ids).delete()
        return len(ids)

    return in_batches(forget)
