"""The verbs of notifications."""

from notifications.services.queue import (
    queue_gift_card_mail,
    queue_low_stock_mails,
    queue_order_mail,
    queue_person_mail,
    queue_security_mail,
    queue_stock_mail,
    send_again,
    send_test,
)
from notifications.services.send import send_due
from notifications.services.templates import (
    TemplateFields,
    create_template,
    delete_template,
    preview,
    source_for,
    update_template,
)

__all__ = [
    "TemplateFields",
    "create_template",
    "delete_template",
    "preview",
    "queue_gift_card_mail",
    "queue_low_stock_mails",
    "queue_order_mail",
    "queue_person_mail",
    "queue_security_mail",
    "queue_stock_mail",
    "send_again",
    "send_due",
    "send_test",
    "source_for",
    "update_template",
]
