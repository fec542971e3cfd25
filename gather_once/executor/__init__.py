"""Carries a plan out: attempts, lists, shards."""
