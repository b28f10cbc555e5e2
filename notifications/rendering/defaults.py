"""The e-mails Waybill comes with: used where the shop has not written its own."""

from functools import cache

from django.conf import settings

from notifications.rendering.language import Source

FOLDER = settings.BASE_DIR / "templates" / "email"
SUBJECT = "Subject: "


@cache
def default_source(kind: str) -> Source:
    """The shipped template of a kind, in English: `<kind>.html`, and `<kind>.txt` headed by its subject."""
    head, _, text = (FOLDER / f"{kind}.txt").read_text(encoding="utf-8").partition("\n")
    html = (FOLDER / f"{kind}.html").read_text(encoding="utf-8")
    return Source(subject=head.removeprefix(SUBJECT), text=text.strip() + "\n", html=html)
