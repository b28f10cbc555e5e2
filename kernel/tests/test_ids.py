import pytest

from kernel.ids import row_id


@pytest.mark.parametrize(
    ("text", "said"),
    [("0", 0), ("12", 12), ("9" * 18, 10**18 - 1), ("9" * 19, None), ("9" * 5000, None), ("", None), ("-1", None),
     ("1.0", None), (" 1", None), ("x", None)],
)  # fmt: skip
def test_a_text_is_an_id_that_a_row_can_have_or_none(text: str, said: int | None) -> None:
    assert row_id(text) == said
