"""The base of every view: keys, dry runs, known parameters, versions; no rule of the business."""

import hashlib
from collections.abc import Callable
from typing import Any, ClassVar

from django.db import Error as DatabaseError
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api import etags, idempotency
from api.actors import Actor
from api.json import OrjsonRenderer
from api.network import client_address
from api.pagination import CursorPage
from api.problems import CONTENT_TYPE
from api.transactions import retrying
from kernel.errors import FieldProblem, Invalid

# Two strangers who both call their first request "1" must not get each other's answer, with the token in it.
SHORTEST_KEY_OF_A_STRANGER = 16
DRY_RUN = {"true": True, "1": True, "false": False, "0": False}


class View(viewsets.ViewSetMixin, APIView):
    """What a viewset of ours adds to DRF's."""

    # Actions on which the Idempotency-Key header is required; on other POSTs it is accepted.
    idempotency_required: ClassVar[frozenset[str] | set[str]] = frozenset()
    # Actions that understand `?dry_run=true`.
    dry_run_actions: ClassVar[frozenset[str] | set[str]] = frozenset()
    # Query parameters known beside those of the filters and the pages, by action ("*": every action).
    query_params: ClassVar[dict[str, set[str]]] = {}
    # Statuses that an action can refuse with beyond those every view does, for the schema.
    refuses: ClassVar[dict[str, set[str]]] = {}
    # Public ordering name → columns; the first is the default.
    ordering_fields: ClassVar[dict[str, tuple[str, ...]]] = {"-id": ("-id",), "id": ("id",)}

    request: Request
    action: str

    @property
    def actor(self) -> Actor:
        """Who calls, for services and history. A guest has no identity beyond the token they hold."""
        user = self.request.user
        return user.as_actor() if user and user.is_authenticated else Actor.guest()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """DRF's dispatch with the handler run once per idempotency key, or rolled back on a dry run."""
        self.args, self.kwargs = args, kwargs
        self.headers = self.default_response_headers
        self.request = self.initialize_request(request, *args, **kwargs)
        try:
            if "Idempotency-Key" in request.headers:
                _ = request.body  # kept whole for its fingerprint, whoever reads the stream first
            self.initial(self.request, *args, **kwargs)
            response = self.answer(self.handler_for(self.request))
        except Exception as exc:  # noqa: BLE001  handle_exception raises again what it does not know
            response = self.handle_exception(exc)
        self.response = self.finalize_response(self.request, response, *args, **kwargs)
        return self.response

    def handler_for(self, request: Request) -> Callable[..., Response]:
        method = (request.method or "").lower()
        if method not in self.http_method_names:
            return self.http_method_not_allowed
        return getattr(self, method, self.http_method_not_allowed)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method == "OPTIONS":  # what can be asked is no secret, and a browser asks before it logs in
            return
        super().initial(request, *args, **kwargs)
        self.check_query_params(request)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if getattr(response, "content_type", None) == CONTENT_TYPE:
            response.accepted_renderer = OrjsonRenderer()  # a refused CSV or PDF is a problem document all the same
        if (rate := getattr(request, "rate", None)) is not None:
            for name, value in rate.headers().items():
                response[name] = value
        # Caches do not know our tokens as credentials; an `ETag` still spares the body.
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """What is allowed here, in `Allow`; the OpenAPI document says the rest."""
        return Response(status=204)

    def answer(self, handler: Callable[..., Response]) -> Response:
        """Run the handler the way this request asks for."""
        if self.is_dry_run():
            return retrying(lambda: rolled_back(lambda: self.attempt(handler)))
        key = self.idempotency_key()
        if key is None:
            return handler(self.request, *self.args, **self.kwargs)
        request = self.request._request
        scope = idempotency.Scope(
            caller=self.caller_scope(),
            route=f"POST {request.path_info}"[:300],
            key=key,
            fingerprint=idempotency.fingerprint(
                request.META.get("QUERY_STRING", ""), request.body, request.headers.get("Content-Type", "")
            ),
        )
        response = idempotency.once(scope, lambda: self.attempt(handler))
        if response.status_code != idempotency.UNFINISHED:
            return response
        return idempotency.finished(scope, response, self.finish_attempt)

    def begun(self, **data: Any) -> Response:
        """What a handler answers whose work goes on outside its transaction, in `finish`, with this data."""
        return Response(data, status=idempotency.UNFINISHED)

    def finish_attempt(self, begun: Response) -> Response:
        return self.attempt(lambda *_args, **_kwargs: self.finish(begun.data))

    def finish(self, begun: dict[str, Any]) -> Response:
        """The second half of an action that answered `begun`: outside any transaction, and perhaps again."""
        raise NotImplementedError

    def attempt(self, handler: Callable[..., Response]) -> Response:
        """The handler's answer, a refusal among them. Errors of the database and bugs pass."""
        try:
            return handler(self.request, *self.args, **self.kwargs)
        except DatabaseError:
            raise
        except Exception as exc:  # noqa: BLE001  handle_exception raises again what it does not know
            return self.handle_exception(exc)

    def idempotency_key(self) -> str | None:
        if self.request.method != "POST" or self.action is None:
            return None
        required = self.action in self.idempotency_required
        key = idempotency.parse_key(self.request.headers.get("Idempotency-Key"), required=required)
        if key and not required and self.is_stranger() and len(key) < SHORTEST_KEY_OF_A_STRANGER:
            return None
        return key

    def is_stranger(self) -> bool:
        """Nobody we could tell from the next one behind the same address."""
        held = {"X-Cart-Token", "X-Order-Token"} & set(self.request.headers)
        return self.actor.kind == "guest" and not held

    def caller_scope(self) -> str:
        """The caller an idempotency key belongs to; strangers are told apart by token, else by where they are."""
        if self.actor.kind != "guest":
            return str(self.actor)
        meta = self.request.META
        mark = (
            self.request.headers.get("X-Cart-Token")
            or self.request.headers.get("X-Order-Token")
            or f"{client_address(self.request)} {meta.get('HTTP_USER_AGENT')}"
        )
        return f"guest:{hashlib.sha256(mark.encode()).hexdigest()[:32]}"

    def is_dry_run(self) -> bool:
        asked = self.request.query_params.get("dry_run")
        if asked is None:
            return False
        if asked not in DRY_RUN:
            raise Invalid("true or false.", field="dry_run")
        return DRY_RUN[asked]

    def check_query_params(self, request: Request) -> None:
        """Refuse parameters nobody reads: a misspelt filter must not silently list everything."""
        known = self.known_query_params()
        unknown = [name for name in request.query_params if name not in known]
        if unknown:
            raise Invalid(
                f"Unknown query parameter: {', '.join(sorted(unknown))}.",
                problems=[FieldProblem(name, "unknown", "There is no such parameter.") for name in unknown],
            )
        for name, values in request.query_params.lists():
            if any("\x00" in value for value in values):
                raise Invalid("Null characters are not allowed.", field=name)

    def known_query_params(self) -> set[str]:
        known = self.query_params.get("*", set()) | self.query_params.get(self.action or "", set())
        if self.action in self.dry_run_actions:
            known.add("dry_run")
        if self.action == "list" and getattr(self, "pagination_class", None) is not None:
            known |= {"page_size", "cursor", "ordering"}
        if self.action == "list" and (filters := getattr(self, "filterset_class", None)) is not None:
            known |= set(filters.base_filters)
        return known

    def check_if_match(self, version: object) -> None:
        """Raises `StaleVersion` (412) when the caller's `If-Match` names another version."""
        etags.check_if_match(self.request, version)

    def versioned(self, version: object, body: Callable[[], Any], **kwargs: Any) -> Response:
        """An answer with its `ETag`; 304 without building the body when the caller has this version."""
        headers = {"ETag": etags.etag_for(version)}
        if self.request.method in {"GET", "HEAD"} and etags.is_unchanged(self.request, version):
            return Response(status=304, headers=headers)
        return Response(body(), headers=headers, **kwargs)


def rolled_back(respond: Callable[[], Response]) -> Response:
    """What would happen, with nothing changed: the whole request runs, then its transaction is undone."""
    with transaction.atomic():
        response = respond()
        transaction.set_rollback(True)
    response["Dry-Run"] = "true"
    return response


class ViewSet(View, viewsets.ViewSet):
    """For resources that are not one queryset."""


class GenericViewSet(View, viewsets.GenericViewSet[Any]):
    """For resources that are. Lists come in cursor pages."""

    pagination_class = CursorPage
