"""A file that comes in."""

from typing import Any

from rest_framework import serializers


class PhotoInput(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="JPEG, PNG or WebP, at most 10 MB and 30 megapixels. Metadata is removed.")
