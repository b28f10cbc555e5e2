"""What stock refuses."""

from kernel.errors import Refused


class InsufficientStock(Refused):
    """Fewer units can be promised than are wanted. `items` lists `{sku, requested, available}`."""

    code = "insufficient_stock"
    title = "Insufficient stock"
    detail = "There is not enough stock."


class NotReserved(Refused):
    """More units were to be shipped or given back than the order has reserved there."""

    code = "not_reserved"
    title = "Not reserved"
    detail = "The order has no such reservation."


class NotShipped(Refused):
    """More units would come back than went out."""

    code = "not_shipped"
    title = "Not shipped"
    detail = "These units were never shipped."


class NotOnHand(Refused):
    """More units would leave a shelf than lie on it."""

    code = "not_on_hand"
    title = "Not on hand"
    detail = "There are fewer units on the shelf. Count it first."


class WarehouseInUse(Refused):
    code = "warehouse_in_use"
    title = "Warehouse in use"
    detail = "Stock was kept here, and its history needs the warehouse. Make it inactive instead."


class TransferClosed(Refused):
    """The goods have arrived or went back already."""

    code = "transfer_closed"
    title = "Transfer closed"
    detail = "This transfer is over."
