"""E-mails in the back office: what they say, with a live preview, and what became of each."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget

from audit.admin import BackOfficeAdmin
from audit.admin.rows import said_of
from audit.names import names_of
from kernel.errors import Invalid, Refused
from notifications.models import Notification, NotificationTemplate
from notifications.rendering import Source, sample, variables_of
from notifications.services import preview, send_again, send_test
from notifications.states import DeliveryStatus, Kind
from orders.admin.ledgers import WithoutHistory
from orders.back_office.ask import page_url
from orders.back_office.display import ago, pill

TONES = {"queued": "wait", "sent": "good", "failed": "bad", "unsure": "bad"}


class TemplateForm(forms.ModelForm):
    class Meta:
        model = NotificationTemplate
        fields = ("kind", "language", "subject", "text", "html")
        widgets = {
            "text": UnfoldAdminTextareaWidget(attrs={"rows": 12}),
            "html": UnfoldAdminTextareaWidget(attrs={"rows": 22, "spellcheck": "false", "class": "wb-code"}),
        }


@admin.register(NotificationTemplate)
class NotificationTemplateAdmin(BackOfficeAdmin):
    """The words on the left, what they make of an example on the right."""

    list_display = ("kind_name", "language", "subject", "version", "changed")
    list_display_links = ("kind_name",)
    list_filter = ("language",)
    search_fields = ("subject", "kind")
    search_help_text = "Kind or subject"
    list_disable_select_all = True
    actions = None
    sortable_by = ()
    compressed_fields = False
    change_form_template = "admin/notifications/notificationtemplate/change_form.html"
    actions_detail = ("send_test_mail",)
    fields = ("kind", "language", "subject", "text", "html")
    form = TemplateForm

    class Media:
        css = {"all": ("notifications/preview.css",)}
        js = ("notifications/preview.js",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("kind", "language") if obj else ()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview_view)
        return [path("preview/", view, name="notifications_notificationtemplate_preview"), *super().get_urls()]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """What the words make of an example, or what is wrong with them, as JSON."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):
            return JsonResponse({}, status=403)
        kind = request.POST.get("kind", "")
        if kind not in Kind.values:
            return JsonResponse({"problems": [{"field": "kind", "detail": "Choose what kind of e-mail it is."}]})
        words = {part: request.POST.get(part, "") for part in ("subject", "text", "html")}
        answer: dict[str, Any] = {"variables": variables_of(sample(kind)), "problems": []}
        try:
            rendered = preview(kind=kind, source=Source(**words))
        except Invalid as invalid:
            answer["problems"] = [{"field": found.field, "detail": found.detail} for found in invalid.problems]
        else:
            answer |= {"subject": rendered.subject, "text": rendered.text, "html": rendered.html}
        return JsonResponse(answer)

    def save_model(self, request: HttpRequest, obj: NotificationTemplate, form: Any, change: bool) -> None:
        if change:
            obj.version += 1
        super().save_model(request, obj, form, change)

    @action(description="Send it to me", permissions=["change"], icon="outgoing_mail")
    def send_test_mail(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """As it is saved, filled with the example."""
        template = self.get_object(request, object_id)
        if template is not None:
            user: Any = request.user
            send_test(kind=template.kind, language=template.language, user_id=user.pk, by=self.actor(request))
            messages.success(request, f"On its way to {user.email}.")
        return redirect(reverse("admin:notifications_notificationtemplate_change", args=(object_id,)))

    @admin.display(description="E-mail", ordering="kind")
    def kind_name(self, template: NotificationTemplate) -> str:
        return template.get_kind_display()

    @admin.display(description="Changed", ordering="updated_at")
    def changed(self, template: NotificationTemplate) -> SafeString:
        return ago(template.updated_at)


@admin.register(Notification)
class NotificationAdmin(WithoutHistory):
    """The delivery log."""

    list_display = ("what", "of_order", "to", "state", "attempts", "at", "sent", "error")
    list_display_links = ("what",)
    list_filter = ("status", "kind", "is_sample")
    list_select_related = ("order__user", "user", "shipment", "gift_card", "stock_request__user")
    search_fields = ("order__number", "user__email")
    search_help_text = "Order, or the e-mail address of an account"
    actions = ("send_selected_again",)  # type: ignore[assignment]
    list_disable_select_all = False
    actions_row = actions_detail = ("send_one_again",)
    fields = (
        ("what", "language"),
        ("of_order", "version"),
        ("shipment", "to"),
        ("state", "attempts"),
        ("at", "due"),
        ("handed_over", "sent"),
        ("asked_for", "key"),
        ("error",),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [name for row in self.fields for name in row]

    def has_resend_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("notifications.send_again")

    @action(description="Send again", permissions=["resend"], icon="forward_to_inbox")
    def send_one_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        self._send_again(request, Notification.objects.filter(pk=object_id))
        return redirect(reverse("admin:notifications_notification_changelist"))

    @admin.action(description="Send again", permissions=["resend"])
    def send_selected_again(self, request: HttpRequest, queryset: QuerySet[Notification]) -> None:
        self._send_again(request, queryset)

    def _send_again(self, request: HttpRequest, mails: QuerySet[Notification]) -> None:
        done = 0
        for mail in mails:
            try:
                send_again(notification_id=mail.pk, by=self.actor(request))
            except Refused as refusal:
                messages.warning(request, f"{mail.key}: {refusal.text}")
            else:
                done += 1
        if done:
            messages.success(request, "It is on its way again." if done == 1 else f"{done} are on their way again.")

    @admin.display(description="E-mail")
    def what(self, mail: Notification) -> str:
        return f"{mail.get_kind_display()} (test)" if mail.is_sample else mail.get_kind_display()

    @admin.display(description="Order")
    def of_order(self, row: Any) -> SafeString:
        if row.order is None:
            return SafeString("")
        return format_html('<a class="wb-link" href="{}">{}</a>', page_url(row.order), row.order.number)

    @admin.display(description="To")
    def to(self, mail: Notification) -> str:
        return mail.recipient

    @admin.display(description="Status")
    def state(self, row: Any) -> SafeString:
        return pill(row.status, DeliveryStatus(row.status).label, TONES[row.status])

    @admin.display(description="Asked for by")
    def asked_for(self, mail: Notification) -> str:
        return said_of(mail.requested_by, names_of({mail.requested_by})) if mail.requested_by else ""

    @admin.display(description="Due")
    def due(self, mail: Notification) -> SafeString:
        return ago(mail.due_at)

    @admin.display(description="Handed over")
    def handed_over(self, mail: Notification) -> SafeString:
        return ago(mail.handed_over_at)

    @admin.display(description="Sent")
    def sent(self, mail: Notification) -> SafeString:
        return ago(mail.sent_at)
