"""What comes in and goes out. Inputs name their fields; nothing here knows a rule."""

from typing import Any

from django_countries import countries
from rest_framework import serializers


class CountryField(serializers.CharField):
    """An ISO 3166-1 alpha-2 code in upper case."""

    default_error_messages = {"unknown": "An ISO 3166-1 alpha-2 country code, such as DE."}

    def to_internal_value(self, data: Any) -> str:
        code = str(super().to_internal_value(data))
        if code not in countries.countries:
            self.fail("unknown")
        return code


def line(length: int, **options: Any) -> serializers.CharField:
    """One line of text; left out or empty where it is not required."""
    if not options.get("required", False):
        options |= {"required": False, "allow_blank": True, "default": ""}
    return serializers.CharField(max_length=length, **options)


class AddressSerializer(serializers.Serializer[Any]):
    """A postal address, in and out: exactly the fields of `accounts.models.AddressFields`."""

    first_name = line(100)
    last_name = line(100, required=True)
    company = line(100)
    line1 = line(200, required=True)
    line2 = line(200)
    city = line(100, required=True)
    region = line(100)
    postal_code = line(20)
    country = CountryField(help_text="ISO 3166-1 alpha-2.")
    phone = line(32)
