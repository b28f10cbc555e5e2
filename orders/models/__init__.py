"""Carts, orders, packages, returns."""

from orders.models.cart import Cart, CartItem
from orders.models.charges import LineDiscount, ShippingCharge, TaxLine
from orders.models.discount import CampaignCustomer, DiscountCampaign, DiscountCode, DiscountRedemption
from orders.models.note import OrderNote
from orders.models.order import Hold, Order, OrderAddress, OrderLine, OrderTransition
from orders.models.picking import PickList, PickTask, ShortPick
from orders.models.return_rules import ReturnRule, ReturnTerm
from orders.models.returns import Return, ReturnLine, ReturnUnit
from orders.models.scan import CarrierScan
from orders.models.shipment import Shipment, ShipmentLine
from orders.models.shipping import ShippingBand, ShippingMethod, ShippingRate, ShippingZone
from orders.models.tax import TaxDocument, TaxExemption, TaxOperation, TaxRate, TaxReversal, TaxZone

__all__ = [
    "CampaignCustomer",
    "CarrierScan",
    "Cart",
    "CartItem",
    "DiscountCampaign",
    "DiscountCode",
    "DiscountRedemption",
    "Hold",
    "LineDiscount",
    "Order",
    "OrderAddress",
    "OrderLine",
    "OrderNote",
    "OrderTransition",
    "PickList",
    "PickTask",
    "Return",
    "ReturnLine",
    "ReturnRule",
    "ReturnTerm",
    "ReturnUnit",
    "Shipment",
    "ShipmentLine",
    "ShippingBand",
    "ShippingCharge",
    "ShippingMethod",
    "ShippingRate",
    "ShippingZone",
    "ShortPick",
    "TaxDocument",
    "TaxExemption",
    "TaxLine",
    "TaxOperation",
    "TaxRate",
    "TaxReversal",
    "TaxZone",
]
