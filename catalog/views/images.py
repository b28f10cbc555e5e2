"""Pictures of products over HTTP."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import roles
from api.inputs import read_input
from api.json import TooLarge
from api.views import ViewSet
from catalog import answers, examples
from catalog.models import Product, ProductImage
from catalog.pictures import MAX_BYTES
from catalog.serializers import ImageUpload, ImageWrite, ProductImageBody
from catalog.services import ImageFields, add_image, remove_image, update_image
from kernel.errors import NotFound

# What a multipart body has besides the file.
ENVELOPE = 64 * 1024


class ProductImageViewSet(ViewSet):
    """Uploading, describing, ordering and removing."""

    permission_classes = [roles("admin")]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        length = request.META.get("CONTENT_LENGTH") or "0"
        # Before a byte of it is read.
        if not length.isdecimal() or int(length) > MAX_BYTES + ENVELOPE:
            raise TooLarge()

    @extend_schema(
        summary="Add a picture",
        description="It is encoded anew without metadata. Its thumbnail follows within seconds.",
        request={"multipart/form-data": ImageUpload},
        responses={201: ProductImageBody},
        examples=[examples.image_out],
    )
    def create(self, request: Request, sku: str) -> Response:
        product_id = self.id_of(sku)
        form = read_input(ImageUpload, request)
        fields = dict(form.validated_data)
        file = fields.pop("file")
        image = add_image(product_id=product_id, file=file, fields=cast(ImageFields, fields), by=self.actor)
        return Response(self.body(image), status=201)

    @extend_schema(
        summary="Describe or move a picture",
        request=ImageWrite,
        responses=ProductImageBody,
        examples=[examples.image_out],
    )
    def partial_update(self, request: Request, sku: str, image_id: int) -> Response:
        product_id = self.id_of(sku)
        form = read_input(ImageWrite, request)
        fields = cast(ImageFields, form.validated_data)
        return Response(self.body(update_image(product_id=product_id, image_id=image_id, fields=fields, by=self.actor)))

    @extend_schema(summary="Remove a picture", responses={204: None})
    def destroy(self, request: Request, sku: str, image_id: int) -> Response:
        remove_image(product_id=self.id_of(sku), image_id=image_id, by=self.actor)
        return Response(status=204)

    def id_of(self, sku: str) -> int:
        found = Product.objects.visible_to(self.request.user).filter(sku=sku).values_list("pk", flat=True).first()
        if found is None:
            raise NotFound()
        return found

    def body(self, image: ProductImage) -> dict[str, Any]:
        address = answers.address_in(self.request.build_absolute_uri)
        columns = {name: getattr(image, name) for name in answers.PICTURE}
        return answers.picture_body(columns | {"file": image.file.name, "thumbnail": image.thumbnail.name}, address)
