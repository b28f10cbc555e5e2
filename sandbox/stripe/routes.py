"""What of Stripe's API is there."""

from starlette.routing import BaseRoute

from sandbox.calls import Sandbox

routes: list[BaseRoute] = []


def install(sandbox: Sandbox) -> None:
    """Webhooks are signed."""
