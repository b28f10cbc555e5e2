"""A person's copy of their data, and the way back into a closed account."""

from typing import Any

from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import person
from accounts.permissions import IsPerson
from accounts.personal_data import services
from accounts.personal_data.keys import download_key
from accounts.personal_data.models import DataExport
from accounts.personal_data.serializers import KEY, QUEUED, READY, ExportSerializer, KeepSerializer
from api.inputs import read_input
from api.json import OrjsonRenderer
from api.views import ViewSet
from kernel.errors import Invalid

RETRY_AFTER_SECONDS = 5
UNDER_WAY = "It is being made; ask again after `Retry-After`."


class ZipRenderer(BaseRenderer):
    """Names the media type of the file, which is sent as it is."""

    media_type = "application/zip"
    format = "zip"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:
        return data


class ExportViewSet(ViewSet):
    """All that the shop holds about whoever asks."""

    permission_classes = (IsPerson,)

    @extend_schema(
        summary="My data: how far the copy is",
        description="Starts one when there is none, or the last has expired. 202: it is being made; ask again after "
        "`Retry-After`. A mail tells when it is ready. Failed: ask for a new one by POST.",
        responses={200: ExportSerializer, 202: ExportSerializer},
        examples=[READY, QUEUED],
    )
    def retrieve(self, request: Request) -> Response:
        user = person(request)
        export = services.newest_export(user) or services.request_export(user_id=user.pk, by=self.actor)
        return self._shown(export)

    @extend_schema(
        summary="My data: ask for a new copy",
        description="The one under way, where there is one. An older copy goes when the new one is ready.",
        request=None,
        responses={202: ExportSerializer},
        examples=[QUEUED],
    )
    def create(self, request: Request) -> Response:
        return self._shown(services.request_export(user_id=person(request).pk, by=self.actor))

    def _shown(self, export: DataExport) -> Response:
        shown = {name: getattr(export, name) for name in ("status", "requested_at", "ready_at", "expires_at")}
        if export.status == DataExport.Status.READY:
            path = f"{reverse('export-file')}?{urlencode({'key': download_key(export.pk)})}"
            shown["url"] = self.request.build_absolute_uri(path)
        else:
            shown["url"] = None
        is_settled = export.status in {DataExport.Status.READY, DataExport.Status.FAILED}
        headers = {"Cache-Control": "no-store"} | ({} if is_settled else {"Retry-After": str(RETRY_AFTER_SECONDS)})
        return Response(ExportSerializer(shown).data, status=200 if is_settled else 202, headers=headers)


class ExportFileViewSet(ViewSet):
    """The file itself. Whoever holds a link that is minutes old may read it, as a browser does without a header."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (ZipRenderer, OrjsonRenderer)
    query_params = {"retrieve": {"key"}}

    @extend_schema(
        summary="My data: the file",
        description="Reached by the `url` of `me/export`.",
        parameters=[OpenApiParameter("key", str, required=True, description="Signed, good for some minutes.")],
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def retrieve(self, request: Request) -> HttpResponseBase:
        if not (key := request.query_params.get("key", "")):
            raise Invalid("Ask me/export for a link.", field="key")
        file = services.ready_file(key=key)
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return FileResponse(
            file, as_attachment=True, filename="my-data.zip", content_type="application/zip", headers=headers
        )


class KeepAccountViewSet(ViewSet):
    """For those who closed their account and think again: nobody is logged in."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        summary="Keep one's account by the key of a mail",
        description="Takes back `DELETE me` until `erase_at`. Log in again afterwards.",
        request=KeepSerializer,
        responses={204: None},
        examples=[KEY],
    )
    def create(self, request: Request) -> Response:
        values = read_input(KeepSerializer, request)
        services.keep_account(**values.validated_data)
        return Response(status=204)
