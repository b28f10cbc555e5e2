"""The link to warehouse management systems: their numbers taken over, our requests sent, their shipments heard."""
