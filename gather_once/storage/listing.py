"""Listings to their end, page by page."""

from collections.abc import AsyncIterator

from gather_once.storage.blobs import Blobs, Container, Listed


async def all_under(blobs: Blobs, container: Container, prefix: str) -> AsyncIterator[Listed]:
    """Go through all blobs under a prefix in order of name; one request for each thousand."""
    token = None
    while True:
        page, token = await blobs.list(container, prefix, after=token)
        for line in page:
            yield line
        if token is None:
            return
