"""Orchestrators of the per-ask execution."""
