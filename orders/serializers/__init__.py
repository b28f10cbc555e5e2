"""What comes in (`inputs`), and the shape of what goes out (`shapes`)."""
