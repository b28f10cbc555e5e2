"""Discounts that need a code: campaigns, codes and their redemptions."""
