"""Who may call what of the API: `yes`, `own` (only their own rows) or `no`, as the views' own permissions say."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import HttpRequest
from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator
from rest_framework.request import Request

from accounts import roles
from accounts.authentication import PartnerCaller
from accounts.models import Partner, User

Outcome = Literal["yes", "own", "no"]

PREFIX = "/api/v1/"
GUEST, HOLDER = "guest", "guest with a token"
TOKEN_HEADERS = ("X-Cart-Token", "X-Order-Token")
# Whose rows are the caller's by the address or by a token, without a queryset that could tell.
OWN_ROWS = ("me", "carts", "auth/password/change")
OWNERS = (User, Partner)


@dataclass(frozen=True, slots=True)
class Caller:
    """A kind of caller; `headers` are what such a caller shows besides who they are."""

    name: str
    user: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path, as the OpenAPI document writes it, with what it answers each kind of caller."""

    method: str
    path: str
    app: str
    outcomes: Mapping[str, Outcome]


def with_scope(scope: str) -> str:
    """The name of the caller that is a partner whose token has this scope alone."""
    return f"{roles.PARTNER} {scope}"


def callers() -> tuple[Caller, ...]:
    """Every kind of caller, and a partner once per scope. None of them is in the database."""
    people = (roles.CUSTOMER, roles.CUSTOMER_SERVICE, roles.WAREHOUSE, roles.ADMIN)
    partner = Partner(pk=1)
    return (
        Caller(GUEST, AnonymousUser()),
        Caller(HOLDER, AnonymousUser(), dict.fromkeys(TOKEN_HEADERS, "held")),
        *(Caller(role, User(pk=1, role=role)) for role in people),
        *(
            Caller(with_scope(scope), PartnerCaller(partner=partner, scopes=frozenset({scope}), token_id=1))
            for scope in roles.PARTNER_SCOPES
        ),
    )


def routes() -> list[Route]:
    """Every route of the API with its outcome for every caller, by app and path."""
    everybody = callers()
    found = [
        Route(
            method=method,
            path=path,
            app=type(view).__module__.split(".")[0],
            outcomes={caller.name: _outcome(view, _request(view, method, path, caller)) for caller in everybody},
        )
        for method, path, view in _views()
    ]
    return sorted(found, key=lambda route: (route.app, route.path, route.method))


def table() -> dict[tuple[str, str], Mapping[str, Outcome]]:
    """`{(method, path): {caller: outcome}}`."""
    return {(route.method, route.path): route.outcomes for route in routes()}


def _views() -> Iterator[tuple[str, str, Any]]:
    generator = SchemaGenerator()
    for path, _, method, callback in EndpointEnumerator().get_api_endpoints():
        if path.startswith(PREFIX):
            view = generator.create_view(callback, method)
            yield method, generator.coerce_path(path, method, view), view


def _request(view: Any, method: str, path: str, caller: Caller) -> Request:
    bare = HttpRequest()
    bare.method, bare.path = method, path
    bare.META.update({f"HTTP_{name.upper().replace('-', '_')}": value for name, value in caller.headers.items()})
    request = Request(bare)
    # A view that reads no credentials takes everybody for a stranger.
    request.user = caller.user if view.authentication_classes else AnonymousUser()
    return request


def _outcome(view: Any, request: Request) -> Outcome:
    view.request = request
    if not all(permission.has_permission(request, view) for permission in view.get_permissions()):
        return "no"
    return "own" if _has_own_rows(view) else "yes"


def _has_own_rows(view: Any) -> bool:
    if _below(view.request.path, OWN_ROWS):
        return True
    read = getattr(view, "visible", None) or getattr(view, "get_queryset", None)
    if read is None:
        return False
    rows: QuerySet[Any] = read()
    if rows.query.is_empty():  # a stranger sees no rows at all but those a token opens
        return not view.request.user.is_authenticated
    return any(_names_an_owner(condition) for condition in rows.query.where.leaves())


def _names_an_owner(condition: Any) -> bool:
    field = getattr(getattr(condition, "lhs", None), "target", None)
    relation = getattr(field, "remote_field", None)
    return relation is not None and relation.model in OWNERS


def _below(path: str, names: Iterable[str]) -> bool:
    return any(path == PREFIX + name or path.startswith(f"{PREFIX}{name}/") for name in names)
