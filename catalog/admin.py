"""The back office of the catalogue."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import Count, Model, QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from audit.admin import ReadOnlyAdmin
from catalog.answers import PICTURE, with_picture
from catalog.back_office import display as shown
from catalog.back_office.filters import CategoryFilter, StatusFilter, StockFilter
from catalog.back_office.forms import PictureForm, ProductForm
from catalog.back_office.list_prices import ListPriceInline, prices_typed
from catalog.back_office.verbs import VerbsAdmin
from catalog.discounts import admin as discounts
from catalog.models import Category, ListPrice, PriceList, Product, ProductImage
from catalog.services import (
    ImageFields,
    add_image,
    create_category,
    create_product,
    delete_category,
    remove_image,
    update_category,
    update_image,
    update_product,
    withdraw_product,
)
from catalog.stock_requests import admin as stock_requests
from inventory.back_office.display import when
from inventory.models import StockLevel

__all__ = ["CategoryAdmin", "ProductAdmin", "ProductImageAdmin", "discounts", "stock_requests"]


class PictureInline(TabularInline):
    """Pictures, dragged into their order."""

    model = ProductImage
    form = PictureForm
    fields = ("preview", "file", "alt", "position")
    readonly_fields = ("preview",)
    ordering_field = "position"
    hide_ordering_field = True
    hide_title = True
    extra = 0
    verbose_name = "picture"
    verbose_name_plural = "Pictures"

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return self.fields if self.has_change_permission(request, obj) else ("preview", "alt")

    @display(description="Picture")
    def preview(self, image: ProductImage) -> SafeString:
        return shown.thumbnail(columns_of(image), side=64) if image.pk else shown.NOTHING


class VariantInline(TabularInline):
    """The variants of a product; each is changed on its own page."""

    model = Product
    fk_name = "variant_of"
    fields = ("link", "name", "variant_options", "asked", "status")
    readonly_fields = fields
    extra = 0
    max_num = 0
    can_delete = False
    hide_title = True
    verbose_name_plural = "Variants"

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @display(description="SKU")
    def link(self, product: Product) -> SafeString:
        return shown.product_link(product)

    @display(description="Options")
    def variant_options(self, product: Product) -> SafeString:
        return shown.options(product)

    @display(description="Price")
    def asked(self, product: Product) -> SafeString:
        return shown.price(product)

    @display(description="Status")
    def status(self, product: Product) -> SafeString:
        return shown.status_word(product)


@admin.register(Product)
class ProductAdmin(VerbsAdmin):
    """What is sold: found by words, SKU or barcode."""

    form = ProductForm
    list_display = ("picture", "sku", "name", "asked", "category", "stock", "status", "created")
    list_display_links = ("sku", "name")
    list_filter = (StatusFilter, CategoryFilter, StockFilter)
    list_select_related = ("category",)
    search_fields = ("sku",)
    search_help_text = "Words of the name or description, a SKU, a barcode or a tag"
    ordering = ("-id",)
    autocomplete_fields = ("category", "variant_of")
    inlines = (PictureInline, VariantInline)
    actions = ("put_on_sale", "take_off_sale", "withdraw_selected")
    actions_detail = ("add_variant", "adjust_stock", "withdraw")
    readonly_fields = ("stock_by_warehouse", "created", "changed", "shown_tags", "shown_options", "asked", "word")
    fieldsets = (
        (None, {"fields": (("sku", "published"), ("name", "word"), "description", "seen")}),
        ("Price", {"fields": (("price", "sale_price", "currency"), ("tax_class", "is_gift_card"))}),
        ("Where it is found", {"fields": (("category", "tags"),)}),
        ("The thing itself", {"fields": (("barcode", "weight_grams"), ("variant_of", "options"))}),
        ("Stock", {"fields": ("stock_by_warehouse",)}),
        ("When", {"fields": (("created", "changed"),), "classes": ("collapse",)}),
    )
    entered = ((None, {"fields": (("sku", "published"), "name", "description")}), *fieldsets[1:4])
    looked_at = (
        (None, {"fields": (("sku", "word"), "name", "description")}),
        ("Price", {"fields": (("asked", "tax_class"), "is_gift_card")}),
        ("Where it is found", {"fields": (("category", "shown_tags"),)}),
        ("The thing itself", {"fields": (("barcode", "weight_grams"), ("variant_of", "shown_options"))}),
        ("Stock", {"fields": ("stock_by_warehouse",)}),
        ("When", {"fields": (("created", "changed"),)}),
    )

    # What is seen

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        return with_picture(Product.objects.with_available(request.user))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Product | None:
        """With `levels_seen`, those of its stock that this person may look at: what is shown below has no request."""
        product: Any = super().get_object(request, object_id, from_field)
        if product is not None:
            product.levels_seen = StockLevel.objects.visible_to(request.user).filter(item=product.item_id)
        return product

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Product], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.matching(search_term[:200]).order_by("-relevance", "-id"), False

    def get_fieldsets(self, request: HttpRequest, obj: Product | None = None) -> Any:
        if not self.has_change_permission(request, obj):
            return self.looked_at
        return self.fieldsets if obj else self.entered

    def get_readonly_fields(self, request: HttpRequest, obj: Product | None = None) -> tuple[str, ...]:
        return ("sku", *self.readonly_fields) if obj else self.readonly_fields

    def get_inlines(self, request: HttpRequest, obj: Product | None) -> Any:
        # A new product has its pictures added once it is there, a variant has none of its own.
        if obj is None:
            return ()
        known = (PictureInline,) if obj.variant_of_id else self.inlines
        return (*known, ListPriceInline) if PriceList.objects.exists() else known

    @display(description="")
    def picture(self, product: Any) -> SafeString:
        return shown.thumbnail(product.picture)

    @display(description="Price", ordering="asked_price")
    def asked(self, product: Product) -> SafeString:
        return shown.price(product)

    @display(description="Available", ordering="available")
    def stock(self, product: Any) -> int:
        available: int = product.available
        return available

    @display(description="Status", label=shown.COLOURS)
    def status(self, product: Product) -> str:
        return shown.status(product)

    @display(description="Status")
    def word(self, product: Product) -> SafeString:
        return shown.status_word(product)

    @display(description="Stock by warehouse")
    def stock_by_warehouse(self, product: Any) -> SafeString:
        return shown.stock_table(product.levels_seen)

    @display(description="Tags")
    def shown_tags(self, product: Product) -> SafeString:
        return shown.tags(product)

    @display(description="Options")
    def shown_options(self, product: Product) -> SafeString:
        return shown.options(product)

    @display(description="Created", ordering="created_at")
    def created(self, product: Product) -> SafeString:
        return when(product.created_at)

    @display(description="Changed", ordering="updated_at")
    def changed(self, product: Product) -> SafeString:
        return when(product.updated_at)

    # What is done

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # orders point at products: withdrawing is the way

    def save_model(self, request: HttpRequest, obj: Product, form: ModelForm, change: bool) -> None:
        assert isinstance(form, ProductForm)
        by, fields = self.actor(request), form.product_fields()
        if change:
            saved = update_product(product_id=obj.pk, fields=fields, by=by)
        else:
            saved = create_product(sku=form.cleaned_data["sku"], fields=fields, by=by)
        obj.pk, obj.version = saved.pk, saved.version

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: BaseInlineFormSet, change: bool) -> None:
        formset.save(commit=False)  # sorts its rows into new, changed and deleted
        by, product_id = self.actor(request), form.instance.pk
        if formset.model is ListPrice:
            update_product(product_id=product_id, fields={"prices": prices_typed(formset)}, by=by)
        if formset.model is not ProductImage:
            return
        for image in formset.deleted_objects:
            remove_image(product_id=product_id, image_id=image.pk, by=by)
        for image, _ in formset.changed_objects:
            update_image(product_id=product_id, image_id=image.pk, fields=described(image), by=by)
        for image in formset.new_objects:
            added = add_image(product_id=product_id, file=image.file.file, fields=described(image), by=by)
            image.pk = added.pk

    def has_withdraw_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        product = self.get_object(request, str(object_id))
        return product is not None and product.archived_at is None and self.has_change_permission(request)

    @action(
        description="Withdraw",
        permissions=("withdraw",),
        variant=ActionVariant.DANGER,
        dialog={
            "title": "Withdraw",
            "description": "It is no longer shown nor sold, and its SKU stays taken. Publishing brings it back.",
            "form_submit_text": "Withdraw",
        },
    )
    def withdraw(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        product = withdraw_product(product_id=int(object_id), by=self.actor(request))
        messages.success(request, f"{product} is withdrawn.")
        return HttpResponse(headers={"HX-Redirect": reverse("admin:catalog_product_change", args=(object_id,))})

    def has_add_variant_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        product = self.get_object(request, str(object_id))
        return product is not None and product.variant_of_id is None and self.has_add_permission(request)

    @action(description="Add a variant", permissions=("add_variant",))
    def add_variant(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(f"{reverse('admin:catalog_product_add')}?variant_of={object_id}")

    def has_adjust_stock_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("inventory.change_stocklevel")

    @action(description="Adjust stock", permissions=("adjust_stock",))
    def adjust_stock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        product = Product.objects.get(pk=object_id)
        return redirect(f"{reverse('admin:inventory_stocklevel_adjust')}?{urlencode({'sku': product.sku})}")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new variant begins as its main product."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        asked = initial.get("variant_of", "")
        main = Product.objects.filter(pk=asked).first() if str(asked).isdecimal() else None
        if main is None:
            return initial
        copied = (
            "name",
            "description",
            "price",
            "sale_price",
            "currency",
            "tags",
            "tax_class",
            "weight_grams",
            "is_gift_card",
        )
        return {name: getattr(main, name) for name in copied} | {"category": main.category_id} | initial

    @action(description="Put on sale", permissions=("change",))
    def put_on_sale(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        by = self.actor(request)
        self.try_each(
            request, queryset, lambda row: update_product(product_id=row.pk, fields={"published": True}, by=by)
        )

    @action(description="Take off sale", permissions=("change",))
    def take_off_sale(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        by = self.actor(request)
        self.try_each(
            request, queryset, lambda row: update_product(product_id=row.pk, fields={"published": False}, by=by)
        )

    @action(description="Withdraw", permissions=("change",))
    def withdraw_selected(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        by = self.actor(request)
        self.try_each(request, queryset, lambda row: withdraw_product(product_id=row.pk, by=by))


@admin.register(Category)
class CategoryAdmin(VerbsAdmin):
    """The tree, read from the top."""

    list_display = ("tree", "slug", "products_in_it")
    search_fields = ("name", "slug")
    ordering = ("path",)
    fields = ("name", "slug", "parent")
    autocomplete_fields = ("parent",)
    prepopulated_fields = {"slug": ("name",)}
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return Category.objects.annotate(number=Count("products"))

    def get_prepopulated_fields(self, request: HttpRequest, obj: Category | None = None) -> Any:
        return {} if obj else self.prepopulated_fields

    @display(description="Category")
    def tree(self, category: Category) -> SafeString:
        return shown.indented(category)

    @display(description="Products", ordering="number")
    def products_in_it(self, category: Any) -> int:
        number: int = category.number
        return number

    def save_model(self, request: HttpRequest, obj: Category, form: ModelForm, change: bool) -> None:
        by, parent = self.actor(request), form.cleaned_data["parent"]
        fields: Any = {"name": obj.name, "slug": obj.slug, "parent": parent and parent.slug}
        if change:
            update_category(category_id=obj.pk, fields=fields, by=by)
        else:
            obj.pk = create_category(fields=fields, by=by).pk

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        in_use = isinstance(obj, Category) and (obj.children.exists() or obj.products.exists())
        return not in_use and bool(super().has_delete_permission(request, obj))

    def delete_model(self, request: HttpRequest, obj: Category) -> None:
        delete_category(category_id=obj.pk, by=self.actor(request))


@admin.register(ProductImage)
class ProductImageAdmin(ReadOnlyAdmin):
    """Every picture and its history; pictures are kept on the page of their product."""

    list_display = ("preview", "product", "alt", "size", "position", "added")
    list_display_links = ("preview", "alt")
    list_select_related = ("product",)
    search_fields = ("^product__sku", "product__name", "alt")
    ordering = ("-id",)
    fields = ("preview", "product", "alt", "position", "size", "added")
    readonly_fields = ("preview", "size", "added")

    @display(description="Picture")
    def preview(self, image: ProductImage) -> SafeString:
        return shown.thumbnail(columns_of(image), side=64)

    @display(description="Size")
    def size(self, image: ProductImage) -> str:
        return f"{image.width} × {image.height}"

    @display(description="Added", ordering="created_at")
    def added(self, image: ProductImage) -> SafeString:
        return when(image.created_at)


def described(image: ProductImage) -> ImageFields:
    return {"alt": image.alt, "position": image.position}


def columns_of(image: ProductImage) -> dict[str, Any]:
    names = {name: getattr(image, name) for name in PICTURE}
    return names | {"file": image.file.name, "thumbnail": image.thumbnail.name}
