"""What the bench refuses, and the codes that its screens switch on."""

from kernel.errors import NotAllowedNow, Refused


class WrongItem(Refused):
    """What was scanned does not belong here: nothing is counted."""

    code = "wrong_item"
    title = "Wrong item"
    detail = "This does not belong here."


class NothingToPick(NotAllowedNow):
    code = "nothing_to_pick"
    title = "Nothing to pick"
    detail = "Nothing waits to be picked in this warehouse."
