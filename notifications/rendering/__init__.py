"""From a template kept in the database to an e-mail: a small language, checked before it is saved."""

from notifications.rendering.check import names_of, problems
from notifications.rendering.defaults import default_source
from notifications.rendering.fill import Rendered, render
from notifications.rendering.language import Source
from notifications.rendering.sample import sample

__all__ = ["Rendered", "Source", "default_source", "names_of", "problems", "render", "sample"]
