"""What is asked about packages that did not arrive as they should."""

from orders import services
from orders.back_office.forms import Caller, DeliverForm, PackageForm, text
from orders.states import ShipmentStatus


class LoseForm(PackageForm):
    state = ShipmentStatus.SHIPPED
    note = text("What the carrier says", required=False, help_text="The customer sees it, too.")

    def perform(self, caller: Caller) -> object:
        note = self.cleaned_data["note"]
        return services.lose_shipment(shipment_id=self.package_id, note=note, by=caller.actor)


class DeliverLostForm(DeliverForm):
    state = ShipmentStatus.LOST
