"""Pictures of pages for the documentation, taken on the way by the tests that come past."""

import os

from playwright.sync_api import Page

from bin.local.home import ROOT

FOLDER = ROOT / "docs" / "images"
WANTED = os.environ.get("WAYBILL_SCREENSHOTS") == "1"


def photograph(page: Page, name: str, *, whole: bool = False) -> None:
    """`warehouse/bench` becomes `docs/images/warehouse/bench.png`, if pictures are asked for: what the window shows, or
    the whole page.
    """
    if WANTED:
        page.wait_for_load_state("networkidle")
        path = FOLDER / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=path, full_page=whole, animations="disabled")
