"""Returns: by which rules they are opened, what is received, what is suggested to be refunded, what is sent instead."""
