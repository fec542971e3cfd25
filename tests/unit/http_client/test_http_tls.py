"""HTTPS to a checked address: the name is what certificates are checked against."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gather_once.model.fault import Fault, FaultKind, SourceFailed
from gather_once.sources.http import HttpSource
from support.sources import Town, a_call, redirect

NOT_TRUSTED = "its certificate is not trusted, or the TLS handshake failed"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate of its own for 127.0.0.1, not for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "town")])
    today = datetime.now(UTC)  # noqa: TID251  # OpenSSL goes by the machine's clock
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "town.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(pem))
    return path


@pytest.fixture
def town(certificate: Path) -> Iterator[Town]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Town(context) as town:
        yield town


def test_a_trusted_source_is_asked(town: Town, certificate: Path) -> None:
    prices = town.source("prices").gives({"eur": 4})

    answer = HttpSource(verify=str(certificate)).fetch(a_call(prices.url, query={"day": "1"}))

    assert answer.content == b'{"eur": 4}'
    assert prices.last.query == {"day": ["1"]}
    assert prices.last.headers["host"] == f"127.0.0.1:{town.port}"


def test_a_source_that_nobody_vouches_for_is_not_asked(town: Town) -> None:
    with pytest.raises(SourceFailed) as failed:
        HttpSource().fetch(a_call(town.source("prices").url, method="POST"))

    assert failed.value.fault == Fault(FaultKind.PASSING, f"POST 127.0.0.1: {NOT_TRUSTED}")
    assert town.source("prices").attempts == 0


def test_a_certificate_for_another_name_is_not_trusted(town: Town, certificate: Path) -> None:
    url = f"https://localhost:{town.port}/prices"

    with pytest.raises(SourceFailed) as failed:
        HttpSource(verify=str(certificate)).fetch(a_call(url))

    assert failed.value.fault.message == f"GET localhost: {NOT_TRUSTED}"


def test_the_way_from_https_to_http_is_not_taken(town: Town, certificate: Path) -> None:
    town.source("a").gives(redirect(f"http://127.0.0.1:{town.port}/b"))

    with pytest.raises(SourceFailed) as failed:
        HttpSource(verify=str(certificate)).fetch(a_call(town.source("a").url))

    assert failed.value.fault.message.endswith("it leads from https to http")
