"""A storage account's connection, read from settings: a connection string, or an identity."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gather_once.model.errors import InvalidSetting

Service = Literal["blob", "queue"]
"""A service of a storage account."""


@dataclass(frozen=True, slots=True)
class ByString:
    """An account that is opened with a connection string, which holds a key."""

    name: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ByIdentity:
    """An account that is opened by an identity which has been granted access.

    `credential` is the name of a class of `azure.identity`, `options` its keyword arguments.
    """

    url: str
    credential: str
    options: tuple[tuple[str, str | None], ...] = ()


Connection = ByString | ByIdentity


def storage_connection(
    environ: Mapping[str, str], name: str, service: Service = "blob"
) -> Connection:
    """Return the connection called `name` of a storage account; raises InvalidSetting.

    The setting of that name is a connection string; without it `<name>__blobServiceUri`
    (`__queueServiceUri` for queues, `__accountName` for both), `__credential` and `__clientId`
    describe an identity, as the Functions host reads them.
    """
    if text := environ.get(name):
        return ByString(name, text)
    url = environ.get(f"{name}__{service}ServiceUri")
    account = environ.get(f"{name}__accountName")
    if not url and not account:
        raise InvalidSetting(
            name, f"set it to a connection string, or set {name}__{service}ServiceUri"
        )
    return _by_identity(environ, name, url or f"https://{account}.{service}.core.windows.net")


def not_a_connection_string(name: str) -> InvalidSetting:
    """Return the error for a malformed connection string; the text stays out, it may hold a key."""
    return InvalidSetting(name, "is no connection string of a storage account")


def _by_identity(environ: Mapping[str, str], name: str, url: str) -> ByIdentity:
    setting = f"{name}__credential"
    client = environ.get(f"{name}__clientId") or None
    match environ.get(setting, "").lower():
        case "managedidentity":
            return ByIdentity(url, "ManagedIdentityCredential", (("client_id", client),))
        case "":
            # Left out, the client id comes from AZURE_CLIENT_ID; passed as None, it does not.
            options = (("managed_identity_client_id", client),) if client else ()
            return ByIdentity(url, "DefaultAzureCredential", options)
    raise InvalidSetting(setting, 'is "managedidentity", or not set')
