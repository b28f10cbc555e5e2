"""The panel on which a draft of a rule or campaign is tried on a sample basket."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django_countries import countries
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from catalog.discounts.office import RuleForm
from catalog.models import DiscountRule, Product
from kernel.ids import row_id
from kernel.money import CURRENCIES
from orders.back_office.campaigns import CampaignForm
from orders.codes.reading import campaign_terms
from orders.models import DiscountCampaign
from orders.pricing.basket import Wanted
from orders.pricing.rehearsal import rehearse
from orders.pricing.shop import rule_terms, slugs_of
from orders.services.charges import explain

MOST_LINES = 100
DRAFT_CODE = "DRAFT"
# What is tried → its page's form and model.
DRAFTS: dict[str, tuple[type[Any], type[Any]]] = {
    "rule": (RuleForm, DiscountRule),
    "campaign": (CampaignForm, DiscountCampaign),
}


class SampleForm(forms.Form):
    """A basket made up to try something on."""

    lines = forms.CharField(
        label="Basket",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="A SKU and how many of it on each line, such as “MUG-BLUE 2”.",
    )
    country = forms.ChoiceField(choices=countries, widget=UnfoldAdminSelectWidget)
    postal_code = forms.CharField(max_length=20, required=False, widget=UnfoldAdminTextInputWidget)
    currency = forms.CharField(max_length=3, widget=UnfoldAdminTextInputWidget)
    customer = forms.EmailField(required=False, widget=UnfoldAdminTextInputWidget, help_text="Empty: a guest.")

    def clean_lines(self) -> list[tuple[str, int]]:
        wanted = []
        for line in filter(None, map(str.split, self.cleaned_data["lines"].splitlines())):
            count = line[1] if len(line) > 1 else "1"
            if not count.isdecimal() or not 1 <= len(count) <= 6 or int(count) == 0:
                raise forms.ValidationError(f"{line[0]}: how many? Write it behind the SKU.")
            wanted.append((line[0], int(count)))
        if len(wanted) > MOST_LINES:
            raise forms.ValidationError(f"At most {MOST_LINES} lines.")
        return wanted

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"]).upper()
        if currency not in CURRENCIES:
            raise forms.ValidationError("An ISO 4217 currency code, such as EUR.")
        return currency

    def clean_customer(self) -> User | None:
        email = self.cleaned_data["customer"]
        user = User.objects.by_email(email) if email else None
        if email and user is None:
            raise forms.ValidationError("Nobody has this address.")
        return user

    def wanted(self) -> Wanted:
        given = self.cleaned_data
        user = given["customer"]
        address = {"country": given["country"], "postal_code": given["postal_code"]}
        return Wanted(
            lines=given["lines"],
            currency=given["currency"],
            shipping_address=address,
            user_id=user.pk if user else None,
            has_account=True,
        )


def sample() -> SampleForm:
    """Two products that are on sale, sent within the shop's own country."""
    skus = Product.objects.on_sale().filter(is_gift_card=False).order_by("id").values_list("sku", flat=True)[:2]
    initial = {
        "lines": "\n".join(f"{sku} {count}" for sku, count in zip(skus, (2, 1), strict=False)),
        "country": settings.SHOP_COUNTRY,
        "currency": settings.SHOP_CURRENCY,
    }
    return SampleForm(initial=initial, prefix="try")


def try_view(request: HttpRequest, what: str) -> HttpResponse:
    """The sample basket (GET), and what the draft typed beside it would do to it (POST)."""
    if what not in DRAFTS:
        raise Http404
    form_class, model = DRAFTS[what]
    if not request.user.has_perm(f"{model._meta.app_label}.change_{model._meta.model_name}"):
        raise Http404
    if request.method != "POST":
        return render(request, "admin/prices/try_sample.html", {"form": sample(), "what": what})
    given = SampleForm(request.POST, prefix="try")
    pk = row_id(request.POST.get("try-id", ""))
    saved = model._default_manager.filter(pk=pk).first() if pk is not None else None
    draft = form_class(request.POST, instance=saved)
    context: dict[str, Any] = {"sample_errors": given.errors, "draft_errors": draft.errors}
    if given.is_valid() and draft.is_valid():
        context |= tried(what, draft, given.wanted())
    return render(request, "admin/prices/tried.html", context)


def tried(what: str, form: Any, wanted: Wanted) -> dict[str, Any]:
    """The two quotes, and what the draft makes of the difference."""
    row = form.draft()
    row.active = True  # what is switched off is tried as if it were on
    slugs = slugs_of([row])
    if what == "rule":
        before, after, problems = rehearse(wanted, rule=rule_terms(row, slugs))
    else:
        before, after, problems = rehearse(wanted, code=campaign_terms(row, DRAFT_CODE, slugs))
    return {
        "before": before,
        "after": after,
        "saved": before.total - after.total,
        "steps": explain(after),
        "problems": problems,
    }
