"""What callers see: progress, dossier, timeline, lists, validation."""
