"""Effects: what touches the world, at least once."""
