"""HTTP, no rules."""
