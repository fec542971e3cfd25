"""HTTP sources: the HTTP client, as the kind of source that plans call `http`."""

from typing import Final

from gather_once.http_client.client import HttpClient


class HttpSource(HttpClient):
    """Asks over HTTP, once per attempt."""

    kind: Final = "http"
