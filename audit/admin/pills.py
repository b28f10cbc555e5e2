"""States as coloured words, on every page of the back office alike."""

from django.utils.html import format_html
from django.utils.safestring import SafeString


def pill(word: str, tone: str = "plain") -> SafeString:
    """`tone`: good, go, move, wait, bad or plain."""
    return format_html('<span class="wb-pill wb-{}">{}</span>', tone, word)
