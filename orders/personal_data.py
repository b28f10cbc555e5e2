"""What orders hold about a person: their orders, baskets and exemptions from tax."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Left

from accounts.models import User
from accounts.personal_data.registry import proven_email
from accounts.personal_data.services.files import discard
from audit.erasing import overwrite_past
from orders.models import (
    Cart,
    CartItem,
    Hold,
    Order,
    OrderAddress,
    OrderNote,
    OrderTransition,
    Return,
    TaxExemption,
)
from orders.models.order import ADDRESS_FIELDS
from orders.permissions import Viewer
from orders.querysets import OrderQuerySet
from orders.representation import show_order
from orders.services.revive import EXPIRED
from orders.states import ReturnState, Status

FINISHED = (Status.DELIVERED, Status.RETURNED, Status.CANCELLED)
OPEN_RETURNS = (ReturnState.REQUESTED, ReturnState.APPROVED)
# The books need to know where tax is due: these stay, and the beginning of the postal code.
WHERE = ("country", "region")
POSTAL_CODE_KEPT = 2
CART = ("id", "email", "currency", "shipping_address", "billing_address", "discount_codes", "created_at", "updated_at")
EXEMPTION = ("id", "kind", "number", "country", "certificate", "valid_from", "valid_until", "created_at")
CHANGE = ("version", "verb", "from_status", "to_status", "reason", "created_at")


def orders_of(user: User) -> OrderQuerySet:
    """A person's orders, and those that a guest, or a partner for them, placed under the address they have proven."""
    email = proven_email(user)
    nobodys = Q(user=None, email=email) if email else Q(pk=None)
    return Order.objects.filter(Q(user=user) | nobodys)


def export(user: User) -> dict[str, Any]:
    """Orders whole with their changes, baskets, exemptions and the papers that prove them."""
    exemptions = TaxExemption.objects.filter(user=user).order_by("pk")
    papers = {
        f"tax-exemptions/{held.pk}-{_file_name(held)}": held.certificate for held in exemptions if _is_there(held)
    }
    return {
        "orders": [_whole(order) for order in orders_of(user).whole().order_by("pk")],
        "carts": [_basket(cart) for cart in _carts_of(user).prefetch_related("items__product")],
        "tax-exemptions": list(exemptions.values(*EXEMPTION)),
        **papers,
    }


def unfinished(user: User) -> Iterator[str]:
    """Orders that are not delivered, returned or cancelled, and returns that are not decided or received."""
    orders = list(orders_of(user).select_for_update().order_by("pk"))
    if under_way := [order.number for order in orders if order.status not in FINISHED]:
        yield f"Orders under way: {', '.join(under_way)}."
    returns = Return.objects.filter(order__in=orders, status__in=OPEN_RETURNS).values_list("number", flat=True)
    if numbers := sorted(returns):
        yield f"Open returns: {', '.join(numbers)}."


def erase(user: User, pseudonym: str) -> None:
    """Leave totals, lines and where tax was due. Every free text goes, whoever typed it: texts name people."""
    ids = list(orders_of(user).values_list("pk", flat=True))
    carts = list(_carts_of(user).values_list("pk", flat=True))
    _erase_orders(ids, pseudonym)
    _erase_addresses(ids)
    _erase_texts(ids)
    _forget_among_others(user)
    _erase_exemptions(user)
    CartItem.objects.filter(cart__in=carts).delete()
    Cart.objects.filter(pk__in=carts).delete()


def typed(queryset: "QuerySet[Any]", field: str) -> "QuerySet[Any]":
    """The rows whose free text a person wrote, where the system writes a word of its own that rules read."""
    return queryset.exclude(**{f"{field}__in": ["", EXPIRED]})


def _erase_orders(ids: list[int], pseudonym: str) -> None:
    history: Any = Order.history
    for rows in (Order.objects.filter(pk__in=ids), history.filter(id__in=ids)):
        rows.exclude(email="").update(email=pseudonym)
        typed(rows, "cancel_reason").update(cancel_reason="")


def _erase_addresses(orders: list[int]) -> None:
    nobody = dict.fromkeys([name for name in ADDRESS_FIELDS if name not in {*WHERE, "postal_code"}], "")
    where = {"postal_code": Left(F("postal_code"), POSTAL_CODE_KEPT)}
    addresses = OrderAddress.objects.filter(order__in=orders)
    addresses.update(**nobody, **where)
    overwrite_past(OrderAddress, addresses.values_list("pk", flat=True), **nobody, **where)


def _erase_texts(orders: list[int]) -> None:
    for model in (Return, Hold):
        rows: Any = model._default_manager.filter(order__in=orders)
        rows.exclude(note="").update(note="")
        overwrite_past(model, rows.values_list("pk", flat=True), note="")
    overrides = Return.objects.filter(order__in=orders).exclude(override="")
    overwrite_past(Return, overrides.values_list("pk", flat=True), override="")
    overrides.update(override="")
    OrderNote.objects.filter(order__in=orders).update(text="")
    OrderTransition.objects.filter(order__in=orders).exclude(actor__startswith="system:").update(reason="")


def _forget_among_others(user: User) -> None:
    """Somebody else's order may name the person's address as where its mails go: they go to its owner then."""
    if not (email := proven_email(user)):
        return
    ids = list(Order.objects.filter(email=email).values_list("pk", flat=True))
    history: Any = Order.history
    for rows in (Order.objects.filter(pk__in=ids), history.filter(id__in=ids)):
        rows.filter(email=email).update(email="")


def _erase_exemptions(user: User) -> None:
    held = TaxExemption.objects.filter(user=user)
    ids = list(held.values_list("pk", flat=True))
    history: Any = TaxExemption.history
    # A paper that was replaced may still lie there.
    discard(history.filter(id__in=ids).values_list("certificate", flat=True).distinct())
    nothing = {"number": "", "note": "", "certificate": ""}
    held.update(**nothing)
    overwrite_past(TaxExemption, ids, **nothing)


def _carts_of(user: User) -> "QuerySet[Cart]":
    email = proven_email(user)
    nobodys = Q(user=None, email=email) if email else Q(pk=None)
    return Cart.objects.filter(Q(user=user) | nobodys)


def _whole(order: Order) -> dict[str, Any]:
    changes = order.transitions.order_by("version").values(*CHANGE)
    return show_order(order, Viewer(frozenset())) | {"changes": list(changes)}


def _basket(cart: Cart) -> dict[str, Any]:
    items = [{"sku": item.product.sku, "quantity": item.quantity} for item in cart.items.all()]
    return {name: getattr(cart, name) for name in CART} | {"items": items}


def _file_name(held: TaxExemption) -> str:
    return PurePath(str(held.certificate.name)).name


def _is_there(held: TaxExemption) -> bool:
    return bool(held.certificate) and held.certificate.storage.exists(str(held.certificate.name))
