"""The page of the customer's bank, where a payment by 3-D Secure is approved or refused."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox.calls import Sandbox
from sandbox.pages import page
from sandbox.stripe.confirm import authenticate
from sandbox.stripe.ledger import Ledger


async def authentication_page(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    ledger, id = Ledger(sandbox), request.path_params["id"]  # noqa: A001
    intent = sandbox.books.get("stripe.payment_intent", id)
    if intent is None:
        return Response("No such payment.", 404)
    if request.method == "GET":
        return page("3ds.html", intent=intent)
    approved = b"decision=approve" in await request.body()
    with sandbox.books.transaction():
        goes_to = authenticate(ledger, intent, approved=approved)
    sandbox.webhooks.news.set()
    return RedirectResponse(goes_to or f"{sandbox.config.url}/stripe/3ds/{id}", 303)
