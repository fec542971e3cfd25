"""HTTP sources: the HTTP client as the kind of source `http`."""

from typing import Final

from gather_once.http_client.client import HttpClient


class HttpSource(HttpClient):
    """Sends one HTTP call per attempt."""

    kind: Final = "http"
