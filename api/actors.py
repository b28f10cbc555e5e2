"""Who does something, and under which request: written into every history row, event and log line."""

from contextvars import ContextVar
from dataclasses import dataclass

# Set by the request middleware and by the worker; empty in a shell.
request_id: ContextVar[str] = ContextVar("request_id", default="")


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a partner, a guest or the system itself. `str()` is the form that is stored."""

    kind: str
    name: str

    @classmethod
    def user(cls, user_id: int) -> "Actor":
        return cls("user", str(user_id))

    @classmethod
    def partner(cls, partner_id: int) -> "Actor":
        return cls("partner", str(partner_id))

    @classmethod
    def guest(cls, label: str = "guest") -> "Actor":
        return cls("guest", label)

    @classmethod
    def system(cls, name: str) -> "Actor":
        return cls("system", name)

    @classmethod
    def parse(cls, text: str) -> "Actor":
        """The reverse of `str()`."""
        kind, _, name = text.partition(":")
        return cls(kind, name)

    @property
    def user_id(self) -> int | None:
        return int(self.name) if self.kind == "user" else None

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"
