"""Pictures from outside: believed in nothing, decoded only when small enough, encoded anew without metadata."""

import io
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from PIL import Image, ImageCms, ImageOps

from catalog.errors import UnfitImage

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 30_000_000
FORMATS = ("JPEG", "PNG", "WEBP")  # SVG is a program and not among them
THUMBNAIL = (480, 480)


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture; `suffix` names its format, sides are in pixels."""

    content: bytes
    suffix: str
    width: int
    height: int


def clean(file: IO[bytes]) -> Picture:
    """The uploaded picture as we keep it: upright, in sRGB, as JPEG (PNG when transparent). Raises `UnfitImage`."""
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise UnfitImage(f"At most {MAX_BYTES // 1024 // 1024} MB.", field="file")
    return _encode(_decode(content))


def thumbnail(file: IO[bytes]) -> Picture:
    """A small rendition of a picture of ours, its sides at most 480 pixels."""
    image = _decode(file.read())
    image.thumbnail(THUMBNAIL)
    return _encode(image)


def _decode(content: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)  # reads the header only
        if image.width * image.height > MAX_PIXELS:
            raise UnfitImage(f"At most {MAX_PIXELS // 1_000_000} megapixels.", field="file")
        image.load()
        return _in_srgb(ImageOps.exif_transpose(image))
    except UnfitImage:
        raise
    except Exception as error:
        raise UnfitImage(field="file") from error


def _in_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    transparent = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    if profile and image.mode in {"RGB", "CMYK"}:
        # A profile that cannot be read is left aside: the colours are then taken as they are.
        with suppress(ImageCms.PyCMSError, OSError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            return converted or image
    return image.convert("RGBA" if transparent else "RGB")


def _encode(image: Image.Image) -> Picture:
    out = io.BytesIO()
    image.info.clear()  # EXIF, comments, profiles: who took it where is nobody's business
    if image.mode == "RGBA":
        image.save(out, "PNG", optimize=True)
        return Picture(out.getvalue(), ".png", image.width, image.height)
    image.convert("RGB").save(out, "JPEG", quality=88, optimize=True, progressive=True)
    return Picture(out.getvalue(), ".jpg", image.width, image.height)
