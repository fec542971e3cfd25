"""Plays scenarios on a host of durable functions and compares what two hosts answered."""
