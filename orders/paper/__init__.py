"""Papers: what is printed and laid into, or stuck onto, a parcel."""
