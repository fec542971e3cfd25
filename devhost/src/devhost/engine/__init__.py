"""The durable engine: histories, episodes, activities and timers over SQLite."""
