"""A number that changes with whatever prices depend on, so that processes may keep what they have read.

A trigger draws it, so that no way of writing can be missed, and by chance, so that no number comes twice, not even
after a transaction that was rolled back.
"""

import pgtrigger
from django.db import models


class BumpsTerms(pgtrigger.Trigger):
    """Draw a new number with each statement that changes the table."""

    level = pgtrigger.Statement
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    func = """
        INSERT INTO catalog_termsversion (id, version) VALUES (1, floor(random() * 9e15))
        ON CONFLICT (id) DO UPDATE SET version = EXCLUDED.version;
        RETURN NULL;
    """

    def __init__(self) -> None:
        super().__init__(name="bumps_terms")


class TermsVersion(models.Model):
    """The one row with the number."""

    version = models.PositiveBigIntegerField()

    class Meta:
        app_label = "catalog"
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="terms_version_is_one_row"),)

    def __str__(self) -> str:
        return str(self.version)


def terms_version() -> int:
    """The present number; 0 before anything was ever entered."""
    return TermsVersion.objects.values_list("version", flat=True).first() or 0
