"""Outcome blobs, arrivals and pinned versions of the per-ask execution."""
