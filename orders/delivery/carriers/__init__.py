"""Carriers that say what a parcel costs today."""
