"""How orders are sent: zones, methods, prices, promises, carriers."""
