from django.urls import path

from payments.case_views import MoneyCaseViewSet
from payments.gift_cards.views import BalanceViewSet, GiftCardViewSet
from payments.reconciliation.views import RunViewSet
from payments.views import ConfirmationViewSet, OrderPaymentViewSet, PaymentViewSet
from payments.webhooks import WebhookViewSet

urlpatterns = [
    path("orders/<str:number>/payments", OrderPaymentViewSet.as_view({"get": "list", "post": "create"})),
    path("payments/<uuid:payment_id>/confirm", ConfirmationViewSet.as_view({"post": "confirm"})),
    path("payments/<uuid:payment_id>/capture", PaymentViewSet.as_view({"post": "capture"})),
    path("payments/<uuid:payment_id>/void", PaymentViewSet.as_view({"post": "void"})),
    path("payments/<uuid:payment_id>/refunds", PaymentViewSet.as_view({"post": "refund"})),
    path("money-cases", MoneyCaseViewSet.as_view({"get": "list"})),
    path("money-cases/<int:case_id>/resolve", MoneyCaseViewSet.as_view({"post": "resolve"})),
    path("reconciliation/runs", RunViewSet.as_view({"get": "list", "post": "create"})),
    path("reconciliation/runs/<int:run_id>", RunViewSet.as_view({"get": "retrieve"})),
    path("gift-cards", GiftCardViewSet.as_view({"get": "list", "post": "create"})),
    path("gift-cards/balance", BalanceViewSet.as_view({"post": "balance"})),
    path(
        "gift-cards/<int:card_id>",
        GiftCardViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    path("webhooks/stripe", WebhookViewSet.as_view({"post": "stripe"})),
    path("webhooks/paypal", WebhookViewSet.as_view({"post": "paypal"})),
]
