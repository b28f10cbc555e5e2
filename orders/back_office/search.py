"""One search box: an order by whatever a person has in hand."""

from collections.abc import Callable, Iterator

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from catalog.models import Product
from orders.models import Order, OrderAddress, OrderLine, Return, Shipment

# Of each kind of match the newest so many: who has more needs another word.
MOST = 1000
Ids = QuerySet  # of one column, the id of an order


def search(text: str) -> QuerySet[Order]:
    """Orders by number, package, return, reference, e-mail, name, SKU or tracking number, as staff type them.

    Apps above add ways (`ORDER_SEARCHES`): functions from a text to a queryset of order ids, or None. Each way is
    one look into one index; a disjunction over joined tables would read them all.
    """
    ways = [found[:MOST] for found in _ways(text.strip())]
    return Order.objects.filter(pk__in=ways[0].union(*ways[1:]))


def _ways(text: str) -> Iterator[Ids]:
    upper = text.upper()
    orders = Order.objects.order_by("-pk").values("pk")
    yield orders.filter(number__startswith=upper)
    yield orders.filter(email__in={text, text.lower()})
    yield orders.filter(user__email=text.lower())
    yield orders.filter(reference=text)
    yield _owners(OrderAddress.objects.filter(_named(text)))
    yield _owners(Shipment.objects.filter(Q(tracking_number__in={text, upper}) | Q(number=upper)))
    yield _owners(Return.objects.filter(number=upper))
    products = Product.objects.filter(Q(sku__in={text, upper}) | Q(barcode=text)).order_by()
    yield _owners(OrderLine.objects.filter(product__in=products.values("pk")))
    for more in _registered():
        found = more(text)
        if found is not None:
            yield found


def _owners(parts: QuerySet) -> Ids:
    return parts.order_by("-order_id").values("order_id")


def _named(text: str) -> Q:
    """`Lovelace`, or `Ada Lovelace`."""
    *first, last = text.split() or [""]
    whole = Q(last_name__iexact=text)
    return whole | Q(last_name__iexact=last, first_name__iexact=" ".join(first)) if first else whole


def _registered() -> list[Callable[[str], Ids | None]]:
    return [import_string(path) for path in settings.ORDER_SEARCHES]


def exactly(text: str) -> int | None:
    """The one order whose number, package or tracking number a scanner has just typed. One statement."""
    typed = text.strip()
    if not typed:
        return None
    by_number = Order.objects.filter(number=typed.upper()).order_by().values_list("pk", flat=True)
    package = Q(number=typed.upper()) | Q(tracking_number=typed)
    by_package = Shipment.objects.filter(package).order_by().values_list("order_id", flat=True)
    found = list(by_number.union(by_package)[:2])
    return found[0] if len(found) == 1 else None
