"""`manage.py doctor`: runs every invariant; exit code 1 with the rows when one fails."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from audit.doctor import examine, invariants


class Command(BaseCommand):
    help = "Check that what must always hold does hold."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--always", action="store_true", help="only what holds while work is going on")
        parser.add_argument("--list", action="store_true", help="name the invariants and stop")

    def handle(self, *args: Any, always: bool, list: bool, **options: Any) -> None:  # noqa: A002
        known = [invariant for invariant in invariants() if not always or invariant.when == "always"]
        if list:
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
