"""What gift cards refuse."""

from kernel.errors import Refused


class GiftCardNotUsable(Refused):
    """The same for a code nobody has, one that is frozen and one that has expired: a guess learns nothing."""

    code = "gift_card_not_usable"
    status = 404
    title = "Gift card not usable"
    detail = "There is no gift card with this code that can be used."


class GiftCardInsufficient(Refused):
    code = "gift_card_insufficient"
    title = "Gift card insufficient"
    detail = "The gift card does not hold that much."
