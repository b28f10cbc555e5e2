"""A stand-in for a warehouse management system: stock of its own, requests it picks and ships, and what it tells."""
