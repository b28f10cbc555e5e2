"""All that an e-mail template can use: conditions, loops, and filters that cannot make text unsafe or endless."""

from django.template import defaultfilters, defaulttags
from django.template.library import Library

TAGS = ("if", "for", "comment")
FILTERS = (
    "capfirst",
    "default",
    "escape",
    "first",
    "join",
    "last",
    "length",
    "linebreaks",
    "linebreaksbr",
    "lower",
    "pluralize",
    "title",
    "truncatechars",
    "truncatewords",
    "upper",
    "urlencode",
    "yesno",
)

register = Library()
register.tags = {name: defaulttags.register.tags[name] for name in TAGS}
register.filters = {name: defaultfilters.register.filters[name] for name in FILTERS}
