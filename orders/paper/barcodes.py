"""Barcodes as pictures that a document holds itself: no file, no fetch."""

import io
from base64 import b64encode
from typing import Any

from barcode.codex import Code128
from barcode.writer import SVGWriter

# Millimetres: narrower bars are read unreliably from office printers (ISO/IEC 15417 leaves the width to the use).
MODULE_WIDTH = 0.33
QUIET_ZONE = 10 * MODULE_WIDTH  # ten modules, as Code 128 asks for


def code128_svg(text: str, *, height: float = 15.0) -> str:
    """`text` (printable ASCII) as a Code 128 in SVG, its bars `height` mm high; the words below are the caller's."""
    if not text or not all(" " <= letter <= "~" for letter in text):
        raise ValueError("Code 128 here holds printable ASCII.")
    options: dict[str, Any] = {
        "module_width": MODULE_WIDTH,
        "module_height": height,
        "quiet_zone": QUIET_ZONE,
        "write_text": False,
    }
    out = io.BytesIO()
    Code128(text, writer=SVGWriter()).write(out, options=options)
    return out.getvalue().decode()


def code128(text: str, *, height: float = 15.0) -> str:
    """The same as a `data:` address, for the `src` of an image."""
    return "data:image/svg+xml;base64," + b64encode(code128_svg(text, height=height).encode()).decode()
