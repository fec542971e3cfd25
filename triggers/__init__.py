"""Doors: parse, start, answer."""
