"""Exceptions: what went another way than it should and waits for a person, one queue for all kinds of it."""
