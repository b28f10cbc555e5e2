"""How Django writes dates, where it differs from what comes with it."""
