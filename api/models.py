"""Answers kept for repeated requests, and counts of attempts."""

from django.db import models


class IdempotencyKey(models.Model):
    """The first answer to a POST, by caller, route and key. The answer is encrypted: it may hold a token."""

    caller = models.CharField(max_length=200)
    route = models.CharField(max_length=300)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="HMAC-SHA256 of the query and the body as sent.")
    status = models.PositiveSmallIntegerField()
    answer = models.BinaryField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("caller", "route", "key"), name="idempotency_key_is_unique"),)

    def __str__(self) -> str:
        return f"{self.caller} {self.route}"


class Attempts(models.Model):
    """How often somebody has tried something within the present window."""

    key = models.CharField(max_length=100, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "attempts"

    def __str__(self) -> str:
        return f"{self.key} × {self.count}"
