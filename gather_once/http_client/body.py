"""Reads the body of a response, up to a limit of decompressed bytes."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

from requests import Response

from gather_once.model.media import Unreadable

_PIECE: Final = 64 * 1024
_GZIP: Final = 16 + zlib.MAX_WBITS  # zlib: a gzip header and trailer around the stream


def read_body(response: Response, limit: int) -> bytes:
    """Return the whole body, decompressed.

    Raises Unreadable when it is longer than `limit` bytes, has another encoding than one gzip, or
    is damaged; urllib3's errors and TimeoutError when it is not received.
    """
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in {"", "identity", "gzip", "x-gzip"}:
        raise Unreadable("its Content-Encoding is not supported: only gzip is")
    pieces = _as_sent(response)
    return _joined(_unpacked(pieces) if "gzip" in encoding else pieces, limit)


def _as_sent(response: Response) -> Iterator[bytes]:
    # read1 returns with what has come, so nothing is waited for beyond what is counted.
    while piece := response.raw.read1(_PIECE, decode_content=False):
        yield piece


def _unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(_GZIP)
    try:
        for piece in pieces:
            rest = piece
            while rest and not unpacker.eof:
                yield unpacker.decompress(rest, _PIECE)
                rest = unpacker.unconsumed_tail
            if rest or unpacker.unused_data:
                raise Unreadable("it has trailing data after its gzip stream")
        while not unpacker.eof and (held := unpacker.decompress(b"", _PIECE)):
            yield held
    except zlib.error as error:
        raise Unreadable("its gzip stream is damaged") from error
    if not unpacker.eof:
        raise Unreadable("its gzip stream is cut off")


def _joined(pieces: Iterable[bytes], limit: int) -> bytes:
    content = bytearray()
    for piece in pieces:
        content += piece
        if len(content) > limit:
            raise Unreadable(f"it is longer than {limit} bytes")
    return bytes(content)
