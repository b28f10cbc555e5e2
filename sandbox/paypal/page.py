"""The page on which a customer of the sandbox approves or cancels."""

from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox import pages
from sandbox.paypal.desk import Desk, Document
from sandbox.paypal.errors import Refusal
from sandbox.paypal.orders import FUNDINGS, approve_order

_FUNDING_NAMES = {
    "": "Balance: is paid at once",
    "INSTRUMENT_DECLINED": "Card: is declined",
    "PENDING": "Bank transfer: stays pending",
    "DENIED": "Balance: is denied afterwards",
    "REFUND_PENDING": "Balance: refunds stay pending",
}


async def approval(request: Request) -> Response:
    """GET shows the order and two buttons; POST does what the pressed one says and leads back to the shop."""
    desk = Desk(request.app.state.sandbox)
    order = desk.find("order", request.query_params.get("token", ""))
    if order is None:
        return Response("There is no such order.", 404, media_type="text/plain")
    if request.method == "GET":
        fundings = [(value, _FUNDING_NAMES[value]) for value in FUNDINGS]
        return pages.page("paypal_approval.html", order=order, unit=order["purchase_units"][0], fundings=fundings)
    form = {name: values[-1] for name, values in parse_qs((await request.body()).decode()).items()}
    if form.get("button") != "approve":
        return _back(order["_cancel_url"], token=order["id"])
    try:
        with desk.sandbox.books.transaction():
            order = approve_order(desk, order["id"], funding=form.get("funding", ""))
    except Refusal as refusal:
        return Response(f"This order cannot be approved: {refusal.issue}", 409, media_type="text/plain")
    desk.sandbox.webhooks.news.set()
    return _back(order["_return_url"], token=order["id"], PayerID=_payer(order))


def _payer(order: Document) -> str:
    return str(order["payer"]["payer_id"])


def _back(url: str, **query: str) -> Response:
    """To the shop's page, its own query kept, as PayPal does."""
    if not url:
        return Response("Done. The shop named no page to go back to.", media_type="text/plain")
    address = urlsplit(url)
    extended = "&".join(filter(None, (address.query, urlencode(query))))
    return RedirectResponse(urlunsplit(address._replace(query=extended)), 303)
