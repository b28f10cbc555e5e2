"""A shop whose warehouse MAIN is kept by the WMS of a sandbox."""

from audit.models import Delivery
from audit.relay import deliver, fan_out
from inventory.wms import inbox, push
from inventory.wms.models import WmsRequest
from sandbox.testing import RunningSandbox

OURS = ("orders.request_fulfilment", "orders.follow_payment", "orders.ship_reported")


def let_follow() -> None:
    """Run what the facts so far bring about between orders and the WMS; nobody else's handlers."""
    fan_out()
    for delivery in Delivery.objects.filter(state="pending", handler__in=OURS).order_by("entry_id"):
        deliver(delivery.pk)
        delivery.refresh_from_db()
        assert (delivery.state, delivery.last_error) == ("done", "")


def send() -> list[tuple[str, str]]:
    """Tell the WMS what waits; every request as (kind, state), oldest first."""
    push.push_due()
    return requests()


def requests() -> list[tuple[str, str]]:
    return [*WmsRequest.objects.order_by("pk").values_list("kind", "state")]


def awake() -> None:
    """As if time had passed: nothing rests, nothing is put off."""
    WmsRequest.objects.update(leased_until=None)


def take_up() -> None:
    """What the WMS has told, and what follows."""
    inbox.process_due()
    let_follow()


def fill(sandbox: RunningSandbox, **units: int) -> None:
    items = [{"warehouse": "MAIN", "sku": sku, "on_hand": on_hand} for sku, on_hand in units.items()]
    sandbox.ask("POST", "/wms/books", {"items": items})


def books(sandbox: RunningSandbox) -> dict:
    return sandbox.ask("GET", "/wms/books")


def on_hand(sandbox: RunningSandbox, sku: str = "MUG") -> int:
    return next(row["on_hand"] for row in books(sandbox)["stock"] if row["sku"] == sku)


def ship(sandbox: RunningSandbox, order: object, *, more: int = 0) -> None:
    """The people of the WMS pick and ship it."""
    with sandbox.client() as client:
        answer = client.post("/wms/do/ship", data={"name": f"{order} MAIN", "more": more})
        assert "problem" not in answer.headers["location"], answer.headers["location"]


def habits(sandbox: RunningSandbox, **wanted: object) -> None:
    sandbox.ask("POST", "/wms/habits", wanted)
