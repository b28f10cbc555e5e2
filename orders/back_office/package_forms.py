"""What is asked about packages that did not arrive as they should."""

from orders import services
from orders.back_office.forms import Caller, DeliverForm, PackageForm, text
from orders.models import Order, Shipment
from orders.states import ShipmentStatus


class LoseForm(PackageForm):
    state = ShipmentStatus.SHIPPED
    note = text("What the carrier says", required=False, help_text="The customer sees it, too.")

    def perform(self, caller: Caller) -> object:
        note = self.cleaned_data["note"]
        return services.lose_shipment(shipment_id=self.package_id, note=note, by=caller.actor)


class CameBackForm(PackageForm):
    def waiting(self) -> list[Shipment]:
        return coming_back(self.order, self.own)

    def perform(self, caller: Caller) -> object:
        return services.return_to_sender(shipment_id=self.package_id, by=caller.actor)


def coming_back(order: Order, own: frozenset[str] | None) -> list[Shipment]:
    """The packages that may come back undelivered, in the warehouses with the codes `own`; None: in any."""
    return [found for found in services.may_come_back(order) if own is None or found.warehouse.code in own]


class DeliverLostForm(DeliverForm):
    state = ShipmentStatus.LOST
