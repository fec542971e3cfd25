"""Where an Azurite listens, how the app is told, and which one the app shall use."""

import http.client
import re
from collections.abc import Callable
from dataclasses import astuple, dataclass

from devhost.azurite.errors import StorageUnclear

ACCOUNT = "devstoreaccount1"
# The key every storage emulator has: printed in Azurite's documentation, it opens nothing else.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
SHORTHAND = "UseDevelopmentStorage=true"

_LOOPBACK = "127.0.0.1"
_ADDRESS = re.compile(r"(https?)://([^/:]+):(\d+)(?:/.*)?")
_CONNECTION_STRING = re.compile(
    r"(^|;)(AccountName|BlobEndpoint|UseDevelopmentStorage)=", re.IGNORECASE
)
_PATIENCE = 2.0  # seconds for an Azurite on this machine to answer


@dataclass(frozen=True)
class Ports:
    """The three ports of one Azurite; 0 lets it choose."""

    blob: int = 0
    queue: int = 0
    table: int = 0


DEFAULT_PORTS = Ports(10000, 10001, 10002)


def connection_string(
    ports: Ports, account: str = ACCOUNT, *, scheme: str = "http", host: str = _LOOPBACK
) -> str:
    """Write the connection string of an account that has the emulator's well-known key."""
    services = {"Blob": ports.blob, "Queue": ports.queue, "Table": ports.table}
    endpoints = (
        f"{name}Endpoint={scheme}://{host}:{port}/{account}" for name, port in services.items()
    )
    parts = (f"DefaultEndpointsProtocol={scheme}", f"AccountName={account}", f"AccountKey={KEY}")
    return ";".join((*parts, *endpoints))


EMULATOR = connection_string(DEFAULT_PORTS)
"""What `UseDevelopmentStorage=true` means where nothing else is said."""


def storage_in_use(
    option: str, configured: str, *, default_answers: Callable[[], bool] | None = None
) -> str | None:
    """Decide which storage the app gets: a connection string, or None for an Azurite of our own.

    Args:
        option: `auto`, `off`, the address of an Azurite's blob service (its queue and table
            services listen on the next two ports), or a connection string.
        configured: the app's setting AzureWebJobsStorage; empty where there is none.
        default_answers: says whether an Azurite answers on the default ports.

    With `auto`, a storage that is configured is used as it is; the shorthand for the emulator
    means the one on the default ports, and one of our own where none answers there.

    Raises:
        StorageUnclear: the option is none of these.
    """
    if option == "off":
        return configured
    if option != "auto":
        return _given(option)
    if not configured:
        return None
    if not _is_shorthand(configured):
        return configured
    return configured if (default_answers or _default_azurite_answers)() else None


def answers(ports: Ports) -> bool:
    """Say whether an Azurite answers on each of these ports of this machine."""
    return all(_is_azurite(port) for port in astuple(ports))


def _given(option: str) -> str:
    """Read an address or a connection string.

    Raises:
        StorageUnclear: it is neither; says what is accepted.
    """
    if _CONNECTION_STRING.search(option):
        return option
    address = _ADDRESS.fullmatch(option)
    if address is None:
        raise StorageUnclear(
            f"--azurite {option!r} is neither auto, off, http://HOST:PORT of an Azurite's blob "
            "service, nor a connection string"
        )
    scheme, host, blob = address[1], address[2], int(address[3])
    return connection_string(Ports(blob, blob + 1, blob + 2), scheme=scheme, host=host)


def _is_shorthand(configured: str) -> bool:
    return configured.strip().rstrip(";").casefold() == SHORTHAND.casefold()


def _default_azurite_answers() -> bool:
    return answers(DEFAULT_PORTS)


def _is_azurite(port: int) -> bool:
    """Ask without signing: the refusal names the server just as well."""
    connection = http.client.HTTPConnection(_LOOPBACK, port, timeout=_PATIENCE)
    try:
        connection.request("GET", f"/{ACCOUNT}?comp=list")
        return (connection.getresponse().getheader("Server") or "").startswith("Azurite-")
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
