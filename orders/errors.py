"""What orders refuse, and the codes clients switch on."""

from kernel.errors import Invalid, NotAllowedNow, Refused


class EmptyCart(Refused):
    code = "empty_cart"
    title = "Empty cart"
    detail = "There is nothing in the cart."


class ProductUnavailable(Refused):
    code = "product_unavailable"
    title = "Product unavailable"
    detail = "This product is not on sale."


class PriceChanged(Refused):
    code = "price_changed"
    title = "Price changed"
    detail = "The total has changed since the cart was last shown. Look at it again and repeat."


class CodeNotApplicable(Refused):
    code = "code_not_applicable"
    title = "Code not applicable"
    detail = "This discount code does not apply."


class CodeTaken(Refused):
    code = "code_taken"
    title = "Code taken"
    detail = "There is a discount code of this name."


class NotDeliverable(Refused):
    code = "not_deliverable"
    title = "Not deliverable"
    detail = "This basket cannot be sent to this address."


class OnHold(NotAllowedNow):
    code = "on_hold"
    title = "On hold"
    detail = "The order is on hold."


class OrderIsTest(NotAllowedNow):
    """A sandbox token placed it, so that nothing in the world follows from it."""

    code = "test_order"
    title = "Test order"
    detail = "This is a test order: it takes no money and never ships."


class CartPlaced(NotAllowedNow):
    detail = "This cart has already become an order."


class ReferenceTaken(NotAllowedNow):
    code = "reference_taken"
    title = "Reference taken"
    detail = "You already have an order with this reference."


class TooMany(Invalid):
    detail = "More units than there are."
