"""Asking again for money that did not come."""

from payments.reminders.ladder import send_due_reminders, start_reminder_ladder

__all__ = ["send_due_reminders", "start_reminder_ladder"]
