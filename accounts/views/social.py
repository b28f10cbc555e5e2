"""Signing in by an account of another issuer, and linking such accounts."""

from collections.abc import Callable
from typing import Any, ClassVar

from allauth.socialaccount.models import SocialAccount
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import oidc, services
from accounts.authentication import person
from accounts.errors import EmailUnproven, SecondFactorAsked, SecondFactorMissing
from accounts.permissions import IsPerson
from accounts.schema import ID_TOKEN, PAIR
from accounts.serializers import TokenPairSerializer
from accounts.serializers_sign_in import IdentityInputSerializer, IdentitySerializer, IssuerSerializer
from accounts.views.auth import AuthViewSet, CountedViewSet, device_of, pair
from accounts.views.sessions import session_of
from api import limits
from api.actors import Actor
from api.inputs import read_input
from api.network import client_network
from api.pagination import plain_list

SOCIAL = "social_network"


def identity_from(issuer_name: str, given: dict[str, Any]) -> oidc.Identity:
    """Who the issuer says it is, by an id_token or by the code for one; each is taken once."""
    issuer = oidc.issuer_named(issuer_name)
    id_token = given.get("id_token") or oidc.redeem(
        issuer,
        oidc.Grant(code=given["code"], code_verifier=given["code_verifier"], redirect_uri=given["redirect_uri"]),
    )
    identity = oidc.read(issuer, id_token, nonce=given.get("nonce", ""))
    services.spend_id_token(id_token)
    return identity


class _AsksIssuer(CountedViewSet):
    """The issuer is asked outside of the request's transaction, and refused attempts are counted by network."""

    def count_attempt(self, request: Request) -> None:
        limits.spend(SOCIAL, client_network(request))

    def ask(self, request: Request, issuer: str) -> Response:
        values = read_input(IdentityInputSerializer, request)
        oidc.issuer_named(issuer)
        begun = {"issuer": issuer, **values.validated_data}
        return self.finish(begun) if self.idempotency_key() is None else self.begun(**begun)

    def was_right(self) -> None:
        network = client_network(self.request)
        self.afterwards.append(lambda: limits.give_back(SOCIAL, network))


class SocialViewSet(_AsksIssuer, AuthViewSet):
    counted: ClassVar[dict[str, Callable[[Any, Request], None]]] = {"by_issuer": _AsksIssuer.count_attempt}
    refuses: ClassVar[dict[str, set[str]]] = {"by_issuer": {"403", "404", "409", "429", "503"}}

    @extend_schema(
        summary="Whose accounts can be used to log in",
        description="`issuer` is where an app begins (OpenID Connect Discovery), as `client_id`.",
        responses=IssuerSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        return plain_list(list(IssuerSerializer(oidc.issuers(), many=True).data))

    @extend_schema(
        summary="Log in by another issuer",
        description="Send the issuer's `id_token`, with the `nonce` the app gave where it gave one; or `code`, "
        "`code_verifier` and `redirect_uri` (PKCE). Each is taken once. A newcomer has an account made. An account "
        "that exists is linked only when the e-mail is proven on both sides, else 409 `email_unproven`.",
        request=IdentityInputSerializer,
        responses={200: TokenPairSerializer},
        examples=[ID_TOKEN, PAIR],
    )
    def by_issuer(self, request: Request, issuer: str) -> Response:
        return self.ask(request, issuer)

    def finish(self, begun: dict[str, Any]) -> Response:
        given = dict(begun)
        identity = identity_from(given.pop("issuer"), given)
        try:
            tokens = services.log_in_by_identity(identity=identity, device=device_of(self.request), by=Actor.guest())
        except (SecondFactorAsked, SecondFactorMissing, EmailUnproven):  # the issuer's word was good
            self.was_right()
            raise
        self.was_right()
        return pair(tokens)


class IdentityViewSet(_AsksIssuer):
    """The accounts of other issuers that open one's own."""

    permission_classes = (IsPerson,)
    counted: ClassVar[dict[str, Callable[[Any, Request], None]]] = {"link": _AsksIssuer.count_attempt}
    refuses: ClassVar[dict[str, set[str]]] = {"link": {"404", "409", "429", "503"}, "unlink": {"404", "409"}}

    @extend_schema(summary="My linked accounts", responses=IdentitySerializer(many=True))
    def list(self, request: Request) -> Response:
        links = SocialAccount.objects.filter(user_id=person(request).pk).order_by("provider")
        return plain_list([{"issuer": link.provider, "linked_at": link.date_joined} for link in links])

    @extend_schema(
        summary="Link an account of an issuer",
        description="As at `auth/social/{issuer}`; from then on it logs in to this account.",
        request=IdentityInputSerializer,
        responses={204: None},
        examples=[ID_TOKEN],
    )
    def link(self, request: Request, issuer: str) -> Response:
        return self.ask(request, issuer)

    def finish(self, begun: dict[str, Any]) -> Response:
        given = dict(begun)
        identity = identity_from(given.pop("issuer"), given)
        user, session_id = person(self.request), session_of(self.request)
        services.link_identity(user_id=user.pk, identity=identity, session_id=session_id, by=self.actor)
        self.was_right()
        return Response(status=204)

    @extend_schema(summary="Unlink an account of an issuer", responses={204: None})
    def unlink(self, request: Request, issuer: str) -> Response:
        user, session_id = person(request), session_of(request)
        services.unlink_identity(user_id=user.pk, issuer=issuer, session_id=session_id, by=self.actor)
        return Response(status=204)
