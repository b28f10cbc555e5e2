from datetime import date

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.env import days


def test_closed_days_are_read_and_bad_ones_refused():
    assert days("SHOP_CLOSED_DAYS", ["2026-12-25", " 2027-01-01", ""]) == {date(2026, 12, 25), date(2027, 1, 1)}
    with pytest.raises(ImproperlyConfigured, match=r"SHOP_CLOSED_DAYS: days such as 2026-12-25.*25\.12\.2026"):
        days("SHOP_CLOSED_DAYS", ["25.12.2026"])
