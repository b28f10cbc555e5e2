"""From a template kept in the database to an e-mail: a small language, checked before it is saved."""

from notifications.rendering.check import problems, variables_of
from notifications.rendering.defaults import default_source
from notifications.rendering.fill import Rendered, render
from notifications.rendering.language import Source
from notifications.rendering.sample import sample

__all__ = ["Rendered", "Source", "default_source", "problems", "render", "sample", "variables_of"]
