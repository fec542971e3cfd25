"""Blobs, queues and their clients: the only package that uses the Azure Storage libraries."""
