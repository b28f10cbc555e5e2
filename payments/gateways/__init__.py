"""The providers of money, each behind the same small protocol."""
