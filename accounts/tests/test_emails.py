import pytest

from accounts.emails import normalise


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        ("  ada@example.com ", "ada@example.com"),
        ("ada@Bücher.example", "ada@xn--bcher-kva.example"),
        ("\u212aelvin@example.com", "kelvin@example.com"),
    ],
)
def test_one_spelling_is_kept(typed, kept):
    assert normalise(typed) == kept


@pytest.mark.parametrize("typed", ["ädä@example.com", "ada@" + "a" * 64 + ".example", "ada@example..com"])
def test_what_has_no_ascii_form_is_refused(typed):
    with pytest.raises(ValueError, match=r"ASCII|label"):
        normalise(typed)
