"""What carriers tell of their own accord: scans of parcels on their way."""
