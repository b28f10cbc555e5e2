"""Stand-ins for the providers of money, with books of their own: a separate process, spoken to over HTTP only."""
