"""One search box: an order by whatever a person has in hand."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from catalog.models import Product
from orders.models import Order, OrderAddress, OrderLine, Return, Shipment

# Of each kind of match the newest so many: who has more needs another word.
MOST = 1000
Ids = QuerySet[Any, int]  # of one column, the id of an order


def search(text: str) -> list[int]:
    """Ids of orders by number, package, return, reference, e-mail, name, SKU or tracking number, newest first.

    Apps above add ways (`ORDER_SEARCHES`): functions from a text to a queryset of order ids, or None. Each way is
    one look into one index; a disjunction over joined tables would read them all.
    """
    first, *others = (found[:MOST] for found in _ways(text.strip()))
    return sorted(first.union(*others), reverse=True)[:MOST]


def _ways(text: str) -> Iterator[Ids]:
    upper = text.upper()
    orders = Order.objects.values_list("pk", flat=True)
    yield orders.filter(number__startswith=upper).order_by("-number")
    orders = orders.order_by("-pk")
    yield orders.filter(email__in={text, text.lower()})
    yield orders.filter(user__email=text.lower())
    yield orders.filter(reference=text).exclude(reference="")
    yield _owners(OrderAddress.objects.filter(_named(text)))
    yield _owners(Shipment.objects.filter(Q(tracking_number__in={text, upper}) | Q(number=upper)))
    yield _owners(Return.objects.filter(number=upper))
    # Looked up first: with their ids at hand, PostgreSQL reads the lines of these and of no other product.
    products = list(Product.objects.filter(Q(sku__in={text, upper}) | Q(barcode=text)).values_list("pk", flat=True))
    if products:
        yield _owners(OrderLine.objects.filter(product__in=products))
    for more in _registered():
        found = more(text)
        if found is not None:
            yield found


def _owners(parts: QuerySet[Any]) -> Ids:
    return parts.order_by("-order_id").values_list("order_id", flat=True)


def _named(text: str) -> Q:
    """`Lovelace`, or `Ada Lovelace`."""
    *first, last = text.split() or [""]
    whole = Q(last_name__iexact=text)
    return whole | Q(last_name__iexact=last, first_name__iexact=" ".join(first)) if first else whole


def _registered() -> list[Callable[[str], Ids | None]]:
    return [import_string(path) for path in settings.ORDER_SEARCHES]


def meant(text: str, found: Sequence[Order]) -> Order | None:
    """The one order that somebody has scanned or typed in full; None when a list is the better answer."""
    typed = text.strip()
    named = next((order for order in found if order.number == typed.upper()), None)
    is_code = any(letter.isdigit() for letter in typed) and not {"@", " "} & set(typed)
    return named or (found[0] if is_code and len(found) == 1 else None)
