import re

import pytest

from bin.local.home import ROOT
from tests.pricing.examples import EXAMPLES, told

PAGE = (ROOT / "docs" / "pricing.md").read_text()
BLOCKS = dict(re.findall(r"<!-- example: (.+?) -->\n```\n(.*?)\n```", PAGE, re.DOTALL))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_page_shows_what_the_pipeline_says(name):
    assert BLOCKS[name] == told(name)
