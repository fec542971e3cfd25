"""Activities of the per-ask execution."""
