"""Sources: one adapter per kind, behind one port."""
