"""A gather's life: start, commands, reconciliation, dossier, notifications, maintenance."""
