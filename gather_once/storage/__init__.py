"""Blobs, queues and their clients: the one place that speaks to Azure Storage."""
