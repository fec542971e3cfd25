"""What is known, written once: claims, receipts, outcomes and the life of a gather."""
