"""The pages for people."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Route

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)


def page(template: str, **context: object) -> HTMLResponse:
    """A template of `sandbox/templates/` filled in; it extends base.html (blocks `title` and `content`)."""
    return HTMLResponse(TEMPLATES.get_template(template).render(**context))


async def index(request: Request) -> HTMLResponse:
    return page("base.html")


routes: list[BaseRoute] = [Route("/", index)]
