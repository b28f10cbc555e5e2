"""A number that grows with every change of what prices depend on, so that processes may keep what they have read.

A trigger counts, so that no way of writing can be missed; the row's lock makes the number grow as changes commit.
"""

import pgtrigger
from django.db import models


class BumpsTerms(pgtrigger.Trigger):
    """Count each statement that changes the table."""

    level = pgtrigger.Statement
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    func = """
        INSERT INTO catalog_termsversion (id, version) VALUES (1, 1)
        ON CONFLICT (id) DO UPDATE SET version = catalog_termsversion.version + 1;
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
