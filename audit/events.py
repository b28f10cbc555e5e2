"""The shape of a fact: past tense, frozen, ids only."""

import json
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to one aggregate.

    `aggregate` names the kind (`"order"`), `key` the field that holds its id (`"order_id"`). Fields are ids
    and numbers: no secret and no personal data, since the log is kept and sent on.
    """

    aggregate: ClassVar[str]
    key: ClassVar[str]

    @property
    def aggregate_id(self) -> str:
        return str(getattr(self, self.key))

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, payload: dict[str, Any]) -> Self:
        """From a stored payload; members unknown to this version of the class are left out."""
        known = cls.__dataclass_fields__
        return cls(**{name: value for name, value in payload.items() if name in known})
