"""Units that came back, over HTTP: on sale again or written off, and what they look like."""

from typing import Any

from django.core.files.storage import default_storage
from django.http import FileResponse
from django.http.response import HttpResponseBase
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from api.inputs import read_input
from api.views import ViewSet
from catalog.errors import UnfitImage
from catalog.pictures import MAX_BYTES
from kernel.errors import NotFound
from orders.models import ReturnUnit
from orders.reading import read_order
from orders.returning import schemas
from orders.returning.inputs import PhotoInput
from orders.returning.photos import add_photo, opened
from orders.serializers.inputs import WriteOffInput
from orders.services import restock_refurbished, write_off_refurbished
from orders.views.returns import ReturnView

# What a multipart body has besides the file.
ENVELOPE = 64 * 1024


class ReturnUnitViewSet(ReturnView, ViewSet):
    """Units of a return, for staff."""

    idempotency_required = {"restock", "write_off"}
    dry_run_actions = {"restock", "write_off"}
    needs = dict.fromkeys(("restock", "write_off", "photo"), "receive_return")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # Before a byte of it is read.
        if self.action == "photo" and int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES + ENVELOPE:
            raise UnfitImage(field="file")

    @schemas.RESTOCK
    def restock(self, request: Request, number: str, unit_id: int) -> Response:
        unit = self.unit(number, unit_id)
        order_id = unit.part.ret.order_id
        self.change(order_id, lambda: restock_refurbished(unit_id=unit.pk, by=self.actor))
        return self.shown(read_order(order_id), number)

    @schemas.WRITE_OFF
    def write_off(self, request: Request, number: str, unit_id: int) -> Response:
        unit = self.unit(number, unit_id)
        order_id = unit.part.ret.order_id
        goes_to = read_input(WriteOffInput, request).validated_data["disposition"]
        self.change(order_id, lambda: write_off_refurbished(unit_id=unit.pk, disposition=goes_to, by=self.actor))
        return self.shown(read_order(order_id), number)

    @schemas.PHOTO
    def photo(self, request: Request, number: str, unit_id: int) -> Response:
        unit = self.unit(number, unit_id)
        file = read_input(PhotoInput, request).validated_data["file"]
        add_photo(unit_id=unit.pk, file=file, by=self.actor)
        return self.shown(read_order(unit.part.ret.order_id), number, status=201)

    def unit(self, number: str, unit_id: int) -> ReturnUnit:
        units = ReturnUnit.objects.select_related("part__ret").filter(part__ret=self.return_id(number))
        found = units.filter(pk=unit_id).first()
        if found is None:
            raise NotFound("There are no such units.")
        return found


class ReturnPhotoViewSet(ViewSet):
    """A photo itself. Whoever holds a link that is minutes old may see it, as a browser does without a header."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @schemas.SEE_PHOTO
    def retrieve(self, request: Request, token: str) -> HttpResponseBase:
        unit = opened(token)
        kind = "image/png" if str(unit.photo).endswith(".png") else "image/jpeg"
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return FileResponse(default_storage.open(str(unit.photo)), content_type=kind, headers=headers)
