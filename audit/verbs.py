"""One verb, one transaction."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from django.db import connection, transaction

from api.actors import Actor, request_id
from api.transactions import retrying

P = ParamSpec("P")
R = TypeVar("R")


def act_as(by: Actor) -> None:
    """Name the actor for the history rows of this transaction; the triggers read these settings.

    Transaction-local, so that a pooled connection never carries them to the next caller.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('waybill.actor', %s, true), set_config('waybill.request_id', %s, true)",
            [str(by), request_id.get()],
        )


def verb(service: Callable[P, R]) -> Callable[P, R]:
    """Run a service as one transaction in the name of its keyword argument `by`.

    Inside another verb it joins that one's transaction, without a savepoint: a refusal undoes all of it.
    Outermost, it runs again when PostgreSQL gave the transaction up.
    """

    @wraps(service)
    def join(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic(savepoint=False):
            act_as(cast(Actor, kwargs["by"]))
            return service(*args, **kwargs)

    @wraps(service)
    def enter(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            return join(*args, **kwargs)
        return retrying(lambda: join(*args, **kwargs))

    return enter
