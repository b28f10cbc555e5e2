"""What products cost in other currencies than their own."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from catalog.discounts.checks import refuse
from catalog.models import ListPrice, PriceList, Product
from kernel.errors import FieldProblem
from kernel.money import exponent, is_exact

# Price and sale price; no price takes the product off the list.
Amounts = tuple[Decimal | None, Decimal | None]
Prices = Mapping[str, Amounts]  # by currency


def put_prices(product: Product, prices: Prices) -> bool:
    """Put the prices of a locked product on the lists of their currencies; returns whether any differs.

    Raises `Invalid` naming each unfit amount by its place, such as `prices.0.sale_price`.
    """
    lists = {row.currency: row for row in PriceList.objects.filter(currency__in=list(prices))}
    refuse(
        [
            replace(problem, field=f"prices.{place}.{problem.field}")
            for place, (currency, amounts) in enumerate(prices.items())
            for problem in problems(product, lists.get(currency), currency, amounts)
        ]
    )
    there = {row.price_list_id: row for row in ListPrice.objects.filter(product=product)}
    changes = [_put(product, lists[currency], there.get(lists[currency].pk), *prices[currency]) for currency in prices]
    return any(changes)


def leave_own_list(product: Product) -> None:
    """Take a product off the list of the currency that has become its own: its price there is its own from now on."""
    ListPrice.objects.filter(product=product, price_list__currency=product.currency).delete()


def _put(
    product: Product, listed: PriceList, row: ListPrice | None, price: Decimal | None, sale_price: Decimal | None
) -> bool:
    if price is None:
        if row is not None:
            row.delete()
        return row is not None
    row = row or ListPrice(product=product, price_list=listed)
    if (row.price, row.sale_price) == (price, sale_price):
        return False
    row.price, row.sale_price = price, sale_price
    row.save()
    return True


def problems(product: Product, listed: PriceList | None, currency: str, amounts: Amounts) -> Iterator[FieldProblem]:
    """What is wrong with a price on the list of this currency."""
    if product.currency == currency:
        yield FieldProblem("currency", "invalid", f"Its own price is in {currency}: change it on the product.")
        return
    if listed is None:
        yield FieldProblem("currency", "invalid", f"There is no price list for {currency}.")
        return
    price, sale_price = amounts
    for name, amount in (("price", price), ("sale_price", sale_price)):
        if amount is not None and amount < 0:
            yield FieldProblem(name, "min_value", "Not below 0.")
        elif amount is not None and not is_exact(amount, currency):
            yield FieldProblem(name, "max_decimal_places", f"{currency} has {exponent(currency)} decimal places.")
    if sale_price is not None and (price is None or sale_price >= price):
        yield FieldProblem("sale_price", "max_value", "Below the price.")
