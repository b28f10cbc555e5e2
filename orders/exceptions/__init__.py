"""What of orders waits for a person."""
