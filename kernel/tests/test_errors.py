import pytest

from kernel.errors import Busy, FieldProblem, Invalid, NotAllowedNow, Refused, Unavailable


class TooMany(Refused):
    code = "too_many"
    detail = "There are too many."


def test_a_refusal_speaks_its_own_sentence_unless_told_another() -> None:
    assert (TooMany().text, str(TooMany())) == ("There are too many.", "There are too many.")
    assert TooMany("Three are too many.").text == "Three are too many."
    assert (TooMany.status, TooMany().retry_after) == (409, None)


def test_a_field_is_named_with_the_refusals_own_code() -> None:
    assert Invalid("Too short.", field="name").problems == [FieldProblem("name", "invalid", "Too short.")]


def test_problems_and_a_field_add_up() -> None:
    first = FieldProblem("a", "required", "Give a.")
    assert Invalid("Give b.", field="b", problems=[first]).problems == [
        first,
        FieldProblem("b", "invalid", "Give b."),
    ]


def test_what_else_it_carries_goes_into_extra() -> None:
    assert NotAllowedNow(available_actions=["cancel"]).extra == {"available_actions": ["cancel"]}


@pytest.mark.parametrize("name", ["type", "title", "status", "code", "errors"])
def test_extra_never_replaces_a_standard_member(name: str) -> None:
    with pytest.raises(TypeError, match=name):
        NotAllowedNow(**{name: "paid"})


def test_what_is_away_says_when_to_come_back() -> None:
    assert (Unavailable().status, Unavailable().retry_after, Unavailable(retry_after=30).retry_after) == (503, 2, 30)
    assert (Busy().code, Busy().status, Busy().retry_after) == ("busy", 503, 2)
