"""Values without I/O: outcomes, faults, keys, receipts, names, settings, targets."""
