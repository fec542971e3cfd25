"""The functions that the scenarios start, by subject."""
