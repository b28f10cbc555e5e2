from django.urls import path

from payments.views import OrderPaymentViewSet, PaymentViewSet

urlpatterns = [
    path("orders/<str:number>/payments", OrderPaymentViewSet.as_view({"get": "list", "post": "create"})),
    path("payments/<uuid:payment_id>/refunds", PaymentViewSet.as_view({"post": "refund"})),
]
