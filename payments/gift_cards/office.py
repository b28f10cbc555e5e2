"""What the buttons of gift cards ask in the back office."""

from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminEmailInputWidget, UnfoldAdminTextInputWidget

from api.fields import no_card_number
from kernel.money import CURRENCIES
from payments.back_office import as_amount
from payments.gift_cards.services import CardChanges, Terms
from payments.models import GiftCard

LAST_DAY = "The card can be spent up to the end of this day. Written 2030-12-31."


def line(label: str, *, required: bool = True, **kwargs: Any) -> forms.CharField:
    """One line of text without the number of a payment card."""
    usual: dict[str, Any] = {"max_length": 200, "validators": [no_card_number], "widget": UnfoldAdminTextInputWidget}
    return forms.CharField(label=label, required=required, **(usual | kwargs))


def day(**kwargs: Any) -> forms.DateField:
    return forms.DateField(label="Last day", required=False, widget=UnfoldAdminDateWidget, **kwargs)


def email() -> forms.EmailField:
    return forms.EmailField(label="For", required=False, widget=UnfoldAdminEmailInputWidget)


def end_of(last_day: Any) -> datetime | None:
    """The end of that day in the shop's time."""
    return timezone.make_aware(datetime.combine(last_day, time.max)) if last_day else None


class IssueForm(BaseDialogForm):
    amount = line("Amount")
    currency = line("Currency", max_length=3)
    recipient_email = email()
    last_day = day(help_text=f"Empty: after the shop's usual time. {LAST_DAY}")
    note = line("Note", required=False, max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].initial = settings.SHOP_CURRENCY
        self.fields["recipient_email"].help_text = "They are sent the code. Without an address nobody is."

    def clean_amount(self) -> Decimal:
        return as_amount(self.cleaned_data["amount"])

    def clean_currency(self) -> str:
        code: str = self.cleaned_data["currency"].upper()
        if code not in CURRENCIES:
            raise forms.ValidationError("An ISO 4217 currency code, such as EUR.")
        return code

    def terms(self) -> Terms:
        given = self.cleaned_data
        return Terms(expires_at=end_of(given["last_day"]), recipient_email=given["recipient_email"], note=given["note"])


class ChangeForm(BaseDialogForm):
    recipient_email = email()
    last_day = day(help_text=f"Empty: it never ends. {LAST_DAY}")
    note = line("Note", required=False, max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.card = GiftCard.objects.filter(pk=self.object_id).first()
        if self.card is not None:
            ends = self.card.expires_at
            self.fields["recipient_email"].initial = self.card.recipient_email
            self.fields["last_day"].initial = timezone.localdate(ends) if ends else None
            self.fields["note"].initial = self.card.note

    def changes(self) -> CardChanges:
        """What was typed; the day as it was shown is no change of its hour."""
        given = self.cleaned_data
        changes: CardChanges = {"recipient_email": given["recipient_email"], "note": given["note"]}
        if given["last_day"] != self.fields["last_day"].initial:
            changes["expires_at"] = end_of(given["last_day"])
        return changes


class AdjustForm(BaseDialogForm):
    amount = line("Amount", help_text="Such as 5.00 to add, or -5.00 to take.")
    reason = line("Why")

    def clean_amount(self) -> Decimal:
        return as_amount(self.cleaned_data["amount"].replace("−", "-"))


class FreezeForm(BaseDialogForm):
    reason = line("Why")
