"""What workers run for payments."""

from uuid import UUID

from celery import shared_task

from api.actors import Actor
from payments import forgetting, reconciliation, reminders, services
from payments.gift_cards.services import expire_due_cards
from payments.services import inbox


@shared_task
def perform(operation_id: str) -> None:
    """Ask a provider, right after commit; what goes wrong is the sweep's."""
    services.perform_quietly(UUID(operation_id))


@shared_task
def perform_due() -> int:
    """Ask whatever was not asked, or not answered clearly."""
    return services.perform_due()


@shared_task
def warn_of_expiring() -> int:
    """Let nobody's authorisation end unnoticed."""
    return services.warn_of_expiring(by=Actor.system("warn_of_expiring"))


@shared_task
def process_webhooks() -> int:
    """Take over what providers have told; returns how many looks it took."""
    return inbox.process_due()


@shared_task
def send_due_reminders() -> int:
    """Ask again for money that did not come; returns how many reminders went out."""
    return reminders.send_due_reminders(by=Actor.system("send_reminders"))


@shared_task
def open_nightly_reconciliation() -> int:
    """Have our books compared with every provider's; returns how many comparisons that are."""
    return reconciliation.open_nightly_runs()


# Less than the lease of a run, so that whoever takes it over is alone with it.
@shared_task(soft_time_limit=3000, time_limit=3300)
def run_reconciliations() -> int:
    """Do the comparisons that were asked for; returns how many."""
    return reconciliation.perform_runs()


@shared_task
def expire_gift_cards() -> int:
    """Let gift cards past their time end."""
    return expire_due_cards()


@shared_task
def forget_webhooks() -> int:
    """Delete what providers told long ago and was understood; returns how much that was."""
    return forgetting.forget_webhooks()
