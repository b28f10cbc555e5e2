"""Schedules of the catalogue."""

from datetime import timedelta

from celery import shared_task

from api.actors import Actor
from catalog.discounts.refresh import refresh_rule_prices, refresh_what_turned
from catalog.stock_requests import forgetting
from catalog.stock_requests.services import tell_who_waits

A_WHILE = timedelta(minutes=5)


@shared_task
def follow_rules() -> None:
    refresh_what_turned(A_WHILE)


@shared_task
def refresh_prices() -> None:
    refresh_rule_prices()


@shared_task
def tell_of_what_is_back() -> int:
    """Tell who asked for it of what can be had again; returns how many were told."""
    return tell_who_waits(by=Actor.system("tell_who_waits"))


@shared_task
def forget_stock_requests() -> int:
    """Give up what was asked for long ago, and blank the addresses of what has ended; returns how many that were."""
    return forgetting.give_up_waiting() + forgetting.forget_addresses()
