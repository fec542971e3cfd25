"""The unreliable world, one adapter per kind of source."""
