"""Where providers tell what happened: signed, kept once, acknowledged at once."""

from rest_framework.request import Request
from rest_framework.response import Response

from api.webhooks import InvalidSignature, SignedViewSet
from kernel.errors import NotFound, Unavailable
from payments import webhook_schemas
from payments.gateways.base import BadSignature, Unclear
from payments.gateways.registry import configured, gateway_of
from payments.services import inbox
from payments.states import Provider


class WebhookViewSet(SignedViewSet):
    """No caller: the signature over the raw body says who speaks."""

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
