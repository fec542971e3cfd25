"""Opens the storage account whose blobs plans may name: one client per process and connection."""

from functools import cache
from typing import Any, Final, assert_never

from azure.storage.blob import BlobServiceClient

from gather_once.model.connection import ByIdentity, ByString, Connection, not_a_connection_string

_PIECE: Final = 4 * 2**20
"""Bytes of one request; the deadline is checked between requests."""

_OPTIONS: Final[dict[str, Any]] = {
    "max_single_get_size": _PIECE,
    "max_chunk_get_size": _PIECE,
    "connection_timeout": 5,  # seconds, where the caller gives none
    "read_timeout": 20,
    "retry_total": 0,  # the ask's retry policy decides about retries
}


@cache
def open_account(connection: Connection) -> BlobServiceClient:
    """Return the account's client, which threads may share; raises InvalidSetting."""
    match connection:
        case ByString(name, text):
            try:
                return BlobServiceClient.from_connection_string(text, **_OPTIONS)
            except ValueError:  # its text may quote the key
                raise not_a_connection_string(name) from None
        case ByIdentity(url, kind, options):
            import azure.identity  # noqa: PLC0415  # needed by few, slow to import

            credential = getattr(azure.identity, kind)(**dict(options))
            return BlobServiceClient(url, credential=credential, **_OPTIONS)
        case _:
            assert_never(connection)
