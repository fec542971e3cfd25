"""Schedules: cron expressions and the starts that are due."""
