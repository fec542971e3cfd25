"""SQL sources: one read-only query per attempt."""
