"""One verb, one transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from django.db import connection, transaction

from api.actors import Actor, request_id
from api.transactions import retrying
from audit.history import ACTOR_LENGTH, REQUEST_ID_LENGTH

P = ParamSpec("P")
R = TypeVar("R")


# The actor of the verb that is running, so that a verb within it says nothing twice.
_acting: ContextVar[str] = ContextVar("acting", default="")


def act_as(by: Actor) -> None:
    """Name the actor for the history rows of this transaction; the triggers read these settings.

    Transaction-local, so that a pooled connection never carries them to the next caller.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('waybill.actor', %s, true), set_config('waybill.request_id', %s, true)",
            [str(by)[:ACTOR_LENGTH], request_id.get()[:REQUEST_ID_LENGTH]],
        )


@contextmanager
def acting(by: Actor) -> Iterator[None]:
    """Within a transaction, history rows carry this actor; afterwards again the one of the verb around it."""
    before, name = _acting.get(), str(by)
    if name == before:
        yield
        return
    act_as(by)
    token = _acting.set(name)
    try:
        yield
    finally:
        _acting.reset(token)
    # Not after an exception: what it undoes takes the setting back as well.
    if before:
        act_as(Actor.parse(before))


def verb(service: Callable[P, R]) -> Callable[P, R]:
    """Run a service as one transaction in the name of its keyword argument `by`.

    Inside another transaction it joins that one, without a savepoint: a refusal undoes all of it, up to the nearest
    `atomic()` of the caller. Outermost, it runs again when PostgreSQL gave the transaction up.
    """

    @wraps(service)
    def join(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic(savepoint=False), acting(cast(Actor, kwargs["by"])):
            return service(*args, **kwargs)

    @wraps(service)
    def enter(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            return join(*args, **kwargs)
        return retrying(lambda: join(*args, **kwargs))

    return enter
