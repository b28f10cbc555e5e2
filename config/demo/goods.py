"""The goods of the demo shop: generic things, made up from lists by a seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

# slug, name, parent
CATEGORIES = [
    ("kitchen", "Kitchen", None),
    ("mugs", "Mugs", "kitchen"),
    ("plates", "Plates", "kitchen"),
    ("textiles", "Textiles", None),
    ("cushions", "Cushions", "textiles"),
    ("blankets", "Blankets", "textiles"),
    ("stationery", "Stationery", None),
    ("notebooks", "Notebooks", "stationery"),
    ("lighting", "Lighting", None),
]
# category, noun, cheapest and dearest price in whole units, grams
KINDS = [
    ("mugs", "mug", 8, 19, 350),
    ("mugs", "espresso cup", 6, 14, 180),
    ("plates", "plate", 9, 24, 600),
    ("plates", "bowl", 7, 21, 450),
    ("cushions", "cushion", 15, 49, 700),
    ("blankets", "blanket", 39, 129, 1400),
    ("notebooks", "notebook", 4, 18, 220),
    ("notebooks", "sketchbook", 9, 29, 400),
    ("lighting", "table lamp", 29, 149, 1900),
    ("lighting", "candle holder", 5, 25, 300),
]
COLOURS = {
    "blue": "#3b6ea5",
    "green": "#4f8a5b",
    "red": "#b5473c",
    "yellow": "#d9a93a",
    "grey": "#7d8590",
    "white": "#e8e4da",
    "black": "#2d2f33",
    "pink": "#cf8a9b",
}
STYLES = ["striped", "plain", "dotted", "speckled", "ribbed", "glazed", "hand-finished", "classic", "small", "large"]
TAGS = ["gift", "new", "eco", "limited"]


@dataclass(frozen=True, slots=True)
class Goods:
    """One product to be made."""

    sku: str
    name: str
    description: str
    price: Decimal
    sale_price: Decimal | None
    category: str
    tags: list[str]
    grams: int
    barcode: str
    colour: str


def goods(count: int, dice: random.Random) -> Iterator[Goods]:
    """So many products, always the same ones for a seed; SKUs run from D00001."""
    for number in range(1, count + 1):
        category, noun, low, high, grams = KINDS[(number - 1) % len(KINDS)]
        colour, style = dice.choice(list(COLOURS)), dice.choice(STYLES)
        price = Decimal(dice.randint(low, high)) + dice.choice([Decimal("0.00"), Decimal("0.49"), Decimal("0.95")])
        reduced = (price * Decimal("0.8")).quantize(Decimal("0.01"))
        yield Goods(
            sku=f"D{number:05}",
            name=f"{style.capitalize()} {colour} {noun}",
            description=f"A {style} {noun} in {colour}. Part of the demo shop.",
            price=price,
            sale_price=reduced if dice.random() < 0.15 else None,
            category=category,
            tags=sorted(dice.sample(TAGS, dice.randint(0, 2))),
            grams=grams,
            barcode=ean13(f"29{number:010}"),
            colour=colour,
        )


def ean13(twelve: str) -> str:
    """Twelve digits with their check digit (GS1 General Specifications, 7.9); 20 to 29 are for use inside a shop."""
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return f"{twelve}{-weighted % 10}"


def picture(item: Goods) -> bytes:
    """A plain picture as a stand-in for a photograph: the product's colour with its name on it."""
    image = Image.new("RGB", (640, 640), "#f4f2ee")
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((120, 110, 520, 470), radius=60, fill=COLOURS[item.colour], outline="#00000022")
    draw.text((320, 540), item.name, fill="#333333", anchor="mm", font=ImageFont.load_default(size=30))
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
