"""The language templates are written in: Django's, with our vocabulary instead of its libraries."""

from dataclasses import dataclass

from django.template import Engine, Template


class EmailEngine(Engine):
    """Knows `vocabulary` only, and loads nothing."""

    default_builtins = ["notifications.rendering.vocabulary"]


ENGINE = EmailEngine(loaders=[("django.template.loaders.locmem.Loader", {})])


@dataclass(frozen=True, slots=True)
class Source:
    """The three parts of a template as people write them."""

    subject: str
    text: str
    html: str


def parse(text: str) -> Template:
    """Raises `TemplateSyntaxError`."""
    return Template(text, engine=ENGINE)
