"""Whose rows of the WMS link."""

from typing import TYPE_CHECKING

from inventory.querysets import PlacedQuerySet

if TYPE_CHECKING:
    from inventory.wms.models import WmsDifference, WmsFact, WmsRequest  # noqa: F401  for the annotations of mypy alone


class PlacedInCode(PlacedQuerySet["WmsDifference"]):
    code_path = "code"


class RequestQuerySet(PlacedQuerySet["WmsRequest"]):
    code_path = "warehouse__code"


class FactQuerySet(PlacedQuerySet["WmsFact"]):
    code_path = "level__warehouse__code"
