"""What requests to be told are refused for."""

from kernel.errors import Refused


class AvailableNow(Refused):
    code = "available_now"
    title = "Available now"
    detail = "It can be ordered now: there is nothing to wait for."


class TooManyStockRequests(Refused):
    code = "too_many_stock_requests"
    title = "Too many requests"
    detail = "You wait for as many products as one person can. Withdraw a request first."


class ToldAlready(Refused):
    code = "told_already"
    title = "Told already"
    detail = "The e-mail about it is on its way."
