"""The bench: units fetched from the shelves by list, checked by scanner and packed into parcels."""
