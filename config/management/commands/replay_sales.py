"""`manage.py replay_sales FILE`: a year of real sales through the real services."""

import time
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from accounts.models import Partner
from audit.relay import is_quiet, undelivered
from config.replay.sales import BY, PARTNER, WAREHOUSE, Tally, replay, set_up_shop, value_replayed
from config.replay.sales_file import CURRENCY, UnreadableFile, read_invoices
from inventory.models import Warehouse
from inventory.services import create_warehouse

STALLED_AFTER_SECONDS = 20


class Command(BaseCommand):
    help = (
        "Replay a sales ledger (CSV, may be .xz): place, pay, ship, deliver each invoice. May be stopped and resumed."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--invoices", type=int, help="only the first N invoices and credit notes")
        parser.add_argument("--no-wait", action="store_true", help="do not wait for mails and reports to catch up")

    def handle(self, *args: Any, file: Path, invoices: int | None, no_wait: bool, **options: Any) -> None:
        tally = Tally()
        partner, _ = Partner.objects.get_or_create(name=PARTNER)
        if not Warehouse.objects.filter(code=WAREHOUSE).exists():
            create_warehouse(code=WAREHOUSE, name="Main warehouse", by=BY)
        try:
            self.stdout.write("Reading the ledger and stocking the shelves …")
            set_up_shop(read_invoices(file, Counter(), invoices), tally)
            total = sum(1 for _ in read_invoices(file, Counter(), invoices))
            rows = read_invoices(file, tally.skipped, invoices)
            for invoice in tqdm(rows, total=total, unit="invoice", file=self.stderr):
                replay(invoice, partner, tally)
        except UnreadableFile as error:
            raise CommandError(str(error)) from error
        if not no_wait:
            self.wait_for_handlers()
        self.summarise(tally, partner)

    def wait_for_handlers(self) -> None:
        """Until every fact has reached its handlers, as long as that goes forward."""
        left, since = undelivered(), time.monotonic()
        with tqdm(total=left, unit="handler", desc="Catching up", file=self.stderr) as bar:
            while not is_quiet():
                time.sleep(0.5)
                now = undelivered()
                if now < left:
                    since = time.monotonic()
                    bar.update(left - now)
                    left = now
                elif time.monotonic() - since > STALLED_AFTER_SECONDS:
                    self.stderr.write("Nothing is being delivered: are the relay and a worker running?")
                    return

    def summarise(self, tally: Tally, partner: Partner) -> None:
        self.stdout.write("\nDone")
        for what, count in sorted(tally.done.items()):
            self.stdout.write(f"  {count:>10,}  {what}")
        self.stdout.write("Left out")
        for why, count in sorted(tally.skipped.items()):
            self.stdout.write(f"  {count:>10,}  {why}")
        self.stdout.write(f"Total of all replayed orders: {value_replayed(partner):,.2f} {CURRENCY}")
