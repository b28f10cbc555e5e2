"""`manage.py demo_data`: fills a shop of any size; `--demo` is the one that a first start shows."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from config.demo import prices, shop
from config.env import PRODUCTION

DEMO = {"products": 60, "customers": 12, "orders": 40}


class Command(BaseCommand):
    help = "Make demo products, customers and orders. Running it again adds only what is missing."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--products", type=int, default=0)
        parser.add_argument("--customers", type=int, default=0)
        parser.add_argument("--orders", type=int, default=0)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--demo", action="store_true", help="the demo shop, with accounts that anybody knows")
        parser.add_argument("--partner-token-file", type=Path, help="where to write the demo partner's token")

    def handle(self, *args: Any, demo: bool, seed: int, partner_token_file: Path | None, **options: Any) -> None:
        if demo and PRODUCTION:
            raise CommandError("The demo accounts have a known password: not in production.")
        sizes = DEMO if demo else {name: options[name] for name in DEMO}
        if min(sizes.values()) < 0 or (sizes["orders"] and not sizes["customers"]):
            raise CommandError("Sizes are 0 or more, and orders need customers.")
        if demo:
            shop.accounts()
            if partner_token_file:
                shop.partner_token(partner_token_file)
            prices.shipping()
        shop.warehouses()
        shop.categories()
        pictures = sizes["products"] if demo else 0
        self.run("Products", sizes["products"], shop.products(sizes["products"], seed=seed, pictures=pictures))
        self.run("Orders", sizes["orders"], shop.trade(sizes["customers"], sizes["orders"], seed=seed))

    def run(self, what: str, total: int, steps: Iterable[None]) -> None:
        for _ in tqdm(steps, total=total, desc=what, file=self.stderr, disable=None):
            pass
