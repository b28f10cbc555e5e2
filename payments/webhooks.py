"""Where providers tell what happened: signed, kept once, acknowledged at once."""

from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.json import TooLarge
from api.views import ViewSet
from kernel.errors import Invalid, NotFound, Unavailable
from payments import webhook_schemas
from payments.gateways.base import BadSignature, Unclear
from payments.gateways.registry import configured, gateway_of
from payments.services import inbox
from payments.states import Provider

# Many times the largest event of either.
MAX_BYTES = 1024 * 1024


class InvalidSignature(Invalid):
    code = "invalid_signature"
    title = "Invalid signature"
    detail = "The provider did not sign this, or too long ago."


class WebhookViewSet(ViewSet):
    """No caller: the signature over the raw body says who speaks."""

    serializer_class = None
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @webhook_schemas.STRIPE
    def stripe(self, request: Request) -> Response:
        return self.receive(Provider.STRIPE)

    @webhook_schemas.PAYPAL
    def paypal(self, request: Request) -> Response:
        return self.receive(Provider.PAYPAL)

    def receive(self, provider: Provider) -> Response:
        if provider not in configured():
            raise NotFound("This provider is not configured.")
        try:
            notice = gateway_of(provider).verify(self.request.headers, self.raw_body())
        except BadSignature as error:
            raise InvalidSignature() from error
        except Unclear as error:
            raise Unavailable("The signature cannot be checked at the moment.") from error
        if notice is not None:
            inbox.store(provider=provider, notice=notice)
        return Response(status=204)

    def raw_body(self) -> bytes:
        body: bytes = self.request._request.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise TooLarge()
        return body

    def idempotency_key(self) -> str | None:
        """None: an event's own id makes it happen once, and no signature is checked within a transaction."""
        return None

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        """Whatever a provider would like to read, there is nothing in the answer."""
        negotiated: tuple[BaseRenderer, str] = super().perform_content_negotiation(request, force=True)
        return negotiated
