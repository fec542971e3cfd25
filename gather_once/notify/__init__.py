"""Completion and question notices, sent to a queue, a webhook or a blob."""
