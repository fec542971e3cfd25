"""The plan language: plans, asks, expressions, and what can be wrong with them."""
