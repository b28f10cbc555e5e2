"""Items: what a level, a reservation and a movement are of."""

from inventory.models import StockItem


def item_for(sku: str) -> StockItem:
    """The item of this SKU, made when it is new. Runs in the transaction that makes the product."""
    item, _ = StockItem.objects.get_or_create(sku=sku)
    return item
