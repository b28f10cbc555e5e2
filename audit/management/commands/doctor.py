"""`manage.py doctor`: runs every invariant; exit code 1 with the rows when one fails. `--stock` asks a specialist."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.doctor import examine, invariants, specialists


class Command(BaseCommand):
    help = "Check that what must always hold does hold."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--always", action="store_true", help="only what holds while work is going on")
        parser.add_argument("--list", action="store_true", help="name the invariants and stop")
        for name in specialists():
            parser.add_argument(f"--{name}", action="store_true", help=f"explain what does not add up in {name}")
        parser.add_argument("--sku", default="", help="of this item alone, for a specialist")
        parser.add_argument("--repair", action="store_true", help="also say what a specialist would do")
        parser.add_argument("--yes", action="store_true", help="with --repair: do it")

    def handle(self, *args: Any, always: bool, list: bool, **options: Any) -> None:  # noqa: A002
        chosen = [visit for name, visit in specialists().items() if options[name]]
        if not chosen and (options["sku"] or options["repair"] or options["yes"]):
            raise CommandError(f"Say whom to ask: {', '.join(f'--{name}' for name in specialists())}.")
        if chosen:
            asked = {"sku": options["sku"], "repair": options["repair"], "sure": options["yes"]}
            if sum(visit(**asked, write=self.stdout.write) for visit in chosen):
                sys.exit(1)
            return
        self._examine(always, names_only=list)

    def _examine(self, always: bool, *, names_only: bool) -> None:
        known = [invariant for invariant in invariants() if not always or invariant.when == "always"]
        if names_only:
            for invariant in known:
                self.stdout.write(f"{invariant.name:45} {invariant.when:7} {invariant.says}")
            return
        findings = examine(calm=not always)
        for finding in findings:
            self.stdout.write(self.style.ERROR(f"✗ {finding.invariant.name}: {finding.invariant.says}"))
            self.stdout.write("    " + " | ".join(finding.columns))
            for row in finding.rows:
                self.stdout.write("    " + " | ".join(str(value) for value in row))
        if findings:
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS(f"{len(known)} invariants hold."))
