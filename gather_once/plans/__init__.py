"""The plan language: plans, asks, expressions, and their checks."""
