"""What notifications refuse."""

from kernel.errors import NotAllowedNow, Refused


class TemplateTaken(Refused):
    code = "template_taken"
    title = "Template taken"
    detail = "There is a template for this kind and language already."


class StillQueued(NotAllowedNow):
    detail = "It is waiting to be sent already."
