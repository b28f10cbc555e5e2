"""Schedules of the catalogue."""

from datetime import timedelta

from celery import shared_task

from catalog.discounts.refresh import refresh_rule_prices, refresh_what_turned

A_WHILE = timedelta(minutes=5)


@shared_task
def follow_rules() -> None:
    refresh_what_turned(A_WHILE)


@shared_task
def refresh_prices() -> None:
    refresh_rule_prices()
