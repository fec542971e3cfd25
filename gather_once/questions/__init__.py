"""Questions to people: registration, links, messages, reminders."""
