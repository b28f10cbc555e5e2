"""What the catalogue refuses."""

from kernel.errors import Invalid, Refused


class SkuTaken(Refused):
    """The SKU belongs to another product, perhaps a withdrawn one: orders point at it, so it is never free again."""

    code = "sku_taken"
    title = "SKU taken"
    detail = "There is a product with this SKU."


class BarcodeTaken(Refused):
    """A scanner must find one product."""

    code = "barcode_taken"
    title = "Barcode taken"
    detail = "Another product has this barcode."


class SlugTaken(Refused):
    code = "slug_taken"
    title = "Slug taken"
    detail = "There is a category with this slug."


class CategoryInUse(Refused):
    code = "category_in_use"
    title = "Category in use"
    detail = "It has products or subcategories. Move them first."


class NestedVariant(Refused):
    """Variants are one level deep."""

    code = "nested_variant"
    title = "Nested variant"
    detail = "A variant cannot have variants of its own."


class CategoryInItself(Refused):
    code = "category_in_itself"
    title = "Category in itself"
    detail = "A category cannot lie below itself."


class OutsideAssortment(Invalid):
    """A partner would lose the product from sight, or enter one that it was not given."""

    code = "outside_assortment"
    title = "Outside assortment"
    detail = "The product has to be one that you were given, or to lie in a category that you were given."


class UnfitImage(Invalid):
    """The file is not a picture that we show. `image_too_large` says it is too big in bytes or pixels."""

    code = "unfit_image"
    title = "Unfit image"
    detail = "A JPEG, PNG or WebP picture."
