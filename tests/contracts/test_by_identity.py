"""The ledger by a managed identity: the real credential, and an Azurite that wants its token."""

import asyncio
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from azure.core.exceptions import ClientAuthenticationError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from devhost import azurite
from devhost.azurite.endpoints import ACCOUNT
from devhost.azurite.installation import ensure_installed
from gather_once.http_client.call import Call
from gather_once.http_client.secrets import Secrets
from gather_once.model import clock
from gather_once.model.settings import Settings
from gather_once.sources.blob import BlobSource
from gather_once.sources.port import NotThereYet
from gather_once.storage import clients
from gather_once.storage.blobs import Container
from gather_once.storage.clients import open_blobs

_LISTENING = re.compile(r"Blob service is successfully listening at (https://\S+)")


class IdentityEndpoint:
    """What a function app asks for tokens of its identity: an address and a password for it."""

    def __init__(self) -> None:
        self.asked_for: list[dict[str, list[str]]] = []
        self.issuer = "https://sts.windows.net/a-tenant/"
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.headers["X-IDENTITY-HEADER"] != "password":
                    self.send_error(401)
                    return
                endpoint.asked_for.append(parse_qs(urlsplit(self.path).query))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(endpoint.token()).encode())

            def log_message(self, *_: object) -> None:
                """Keep the tests' output readable."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/token"

    def token(self) -> dict[str, str]:
        now = int(clock.now().timestamp())
        claims = {"iat": now, "nbf": now - 60, "exp": now + 3600, "iss": self.issuer}
        text = jwt.encode({**claims, "aud": "https://storage.azure.com"}, "k" * 32)
        expires = str(now + 3600)
        resource = "https://storage.azure.com"
        return {
            "access_token": text,
            "expires_on": expires,
            "resource": resource,
            "token_type": "Bearer",
        }


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityEndpoint]:
    endpoint = IdentityEndpoint()
    thread = threading.Thread(target=endpoint.server.serve_forever)
    thread.start()
    monkeypatch.setenv("IDENTITY_ENDPOINT", endpoint.url)
    monkeypatch.setenv("IDENTITY_HEADER", "password")
    yield endpoint
    endpoint.server.shutdown()
    thread.join()
    endpoint.server.server_close()


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of an account that takes tokens, over TLS as Azurite wants it for them."""
    certificate, key = _certificate_for_loopback(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    options = {**clients.blob_options(), "connection_verify": str(certificate)}
    monkeypatch.setattr(clients, "blob_options", lambda: options)
    installed = ensure_installed()
    arguments = [
        "--oauth",
        "basic",
        "--cert",
        str(certificate),
        "--key",
        str(key),
        "--silent",
    ]
    arguments += [
        "--blobPort",
        "0",
        "--queuePort",
        "0",
        "--tablePort",
        "0",
        "--disableTelemetry",
    ]
    arguments += ["--skipApiVersionCheck", "--location", str(tmp_path / "data")]
    lifeline = str(Path(azurite.__file__).parent / "lifeline.cjs")
    command = [installed.node, "--require", lifeline, str(installed.script), *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        found = next(filter(None, map(_LISTENING.search, process.stdout)))
        yield f"{found[1]}/{ACCOUNT}"
        process.terminate()


def _certificate_for_loopback(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = clock.now()
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    written = folder / "certificate.pem", folder / "key.pem"
    written[0].write_bytes(built.public_bytes(serialization.Encoding.PEM))
    written[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return written


def test_the_ledger_is_opened_by_the_identity_that_the_settings_name(
    account: str, endpoint: IdentityEndpoint
) -> None:
    environ = {
        "GATHER_STORAGE_CONNECTION": "LEDGER",
        "LEDGER__blobServiceUri": account,
        "LEDGER__credential": "managedidentity",
        "LEDGER__clientId": "an-identity",
    }

    async def write_and_read() -> bytes | None:
        blobs = open_blobs(environ)
        await blobs.create(Container.GATHERS, "g/a", b"kept")
        found = await blobs.read(Container.GATHERS, "g/a")
        return found.content if found else None

    assert asyncio.run(write_and_read()) == b"kept"
    (asked,) = endpoint.asked_for
    assert asked["client_id"] == ["an-identity"]
    assert asked["resource"] == ["https://storage.azure.com"]


def test_a_file_is_read_by_the_same_identity(account: str, endpoint: IdentityEndpoint) -> None:
    environ = {
        "GATHER_STORAGE_CONNECTION": "LEDGER",
        "LEDGER__blobServiceUri": account,
        "LEDGER__credential": "managedidentity",
    }
    call = Call(
        request={"container": "inputs", "name": "none.json"},
        timeout=timedelta(seconds=20),
        idempotency_key="asking-1",
        secrets=Secrets(environ),
        settings=Settings.of(environ),
    )

    with pytest.raises(NotThereYet, match=r"none\.json is not there"):
        BlobSource().fetch(call)
    assert len(endpoint.asked_for) == 1


def test_a_token_that_the_account_does_not_take_is_an_error_and_no_lost_storage(
    account: str, endpoint: IdentityEndpoint
) -> None:
    endpoint.issuer = "https://elsewhere.example/"
    environ = {
        "GATHER_STORAGE_CONNECTION": "LEDGER",
        "LEDGER__blobServiceUri": account,
        "LEDGER__credential": "managedidentity",
    }

    with pytest.raises(ClientAuthenticationError):
        asyncio.run(open_blobs(environ).read(Container.GATHERS, "g/a"))
