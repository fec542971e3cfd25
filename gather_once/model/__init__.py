"""What the app talks about, as values: plans, asks, keys, receipts, outcomes. No I/O."""
