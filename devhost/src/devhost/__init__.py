"""Run a Durable Functions Python app in one process, without func."""
