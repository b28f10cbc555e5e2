"""A stand-in for EasyPost: shipments and their rates, as its API reference describes them."""
