"""The knobs over HTTP: JSON in, JSON out."""

import json
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.calls import Sandbox
from sandbox.knobs import BadKnob


def sandbox_of(request: Request) -> Sandbox:
    found: Sandbox = request.app.state.sandbox
    return found


async def body_of(request: Request) -> dict[str, Any]:
    """Raises BadKnob when the body is no JSON object."""
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise BadKnob(f"the body is no JSON: {error}") from None
    if not isinstance(body, dict):
        raise BadKnob("the body is no JSON object")
    return body


async def knobs(request: Request) -> Response:
    """POST {"match": {"provider", "method", "path"}, "effect", "seconds", "times", "probability", "seed"} sets one,
    GET lists them, DELETE takes all back."""
    found = sandbox_of(request).knobs
    if request.method == "POST":
        return JSONResponse(asdict(found.add(await body_of(request))), 201)
    if request.method == "DELETE":
        found.remove()
        return Response(status_code=204)
    return JSONResponse({"knobs": [asdict(knob) for knob in found.set.values()]})


async def knob(request: Request) -> Response:
    sandbox_of(request).knobs.remove(request.path_params["id"])
    return Response(status_code=204)


async def webhooks(request: Request) -> Response:
    """POST sets how events are sent (`Habits`), over the defaults; GET adds how many are in each state."""
    found = sandbox_of(request).webhooks
    if request.method == "POST":
        found.set(await body_of(request))
    return JSONResponse({**asdict(found.habits), "counts": found.counts()})


async def flush(request: Request) -> Response:
    """POST {"shuffle", "copies": [least, most], "seed", "concurrency"}: send what is held, and hold no more."""
    wanted = {"shuffle": False, "copies": [1, 1], "seed": None, "concurrency": 20, **await body_of(request)}
    try:
        least, most = wanted["copies"]
    except (TypeError, ValueError):
        raise BadKnob("copies are two numbers") from None
    count = sandbox_of(request).webhooks.flush(
        shuffle=bool(wanted["shuffle"]), copies=(least, most), seed=wanted["seed"], concurrency=wanted["concurrency"]
    )
    return JSONResponse({"queued": count})


async def refuse(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 400)


routes = [
    Route("/knobs", knobs, methods=["GET", "POST", "DELETE"]),
    Route("/knobs/webhooks", webhooks, methods=["GET", "POST"]),
    Route("/knobs/webhooks/flush", flush, methods=["POST"]),
    Route("/knobs/{id}", knob, methods=["DELETE"]),
]
