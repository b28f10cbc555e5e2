"""Refusals about people's data."""

from kernel.errors import NotAllowedNow


class StaffAccount(NotAllowedNow):
    detail = "This is the account of a member of staff. Give it the role of a customer first."


class AlreadyErased(NotAllowedNow):
    detail = "This person is erased already."


class NothingToWithdraw(NotAllowedNow):
    detail = "Nobody asked for this person to be erased."
