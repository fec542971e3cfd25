"""Finds the storage account that a binding's `connection` names, in the app's settings."""

from collections.abc import Iterator, Mapping

from devhost.appsettings import AppNotLoadable, resolve_settings, setting

DEFAULT = "AzureWebJobsStorage"
_SHORTHAND = "usedevelopmentstorage=true"
_IDENTITY = ("queueServiceUri", "blobServiceUri", "serviceUri", "accountName")


class NoConnection(Exception):
    """The app has no setting for a storage account."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"there is no storage: set {name} to a connection string, in the environment or in "
            "Values of local.settings.json, or start devhost with an Azurite (--azurite auto)"
        )


class Connections:
    """The app's settings, asked for connection strings.

    `emulator` is the connection string that `UseDevelopmentStorage=true` stands for.
    """

    def __init__(self, environ: Mapping[str, str], emulator: str) -> None:
        self._environ, self._emulator = environ, emulator

    def named(self, connection: object) -> str:
        """Return the connection string a binding means; without a name it is the host's own.

        `AzureWebJobs<name>` comes before `<name>`, and ConnectionStrings before app settings.

        Raises:
            NoConnection: no setting says anything about it.
            AppNotLoadable: only an identity is configured, which devhost has not.
        """
        name = resolve_settings(str(connection or ""), self._environ) or DEFAULT
        found = next((text for key in _keys(name) if (text := self._setting(key))), None)
        if found is None:
            self._refuse_identity(name)
            raise NoConnection(name)
        is_shorthand = found.strip().rstrip(";").lower() == _SHORTHAND
        return self._emulator if is_shorthand else found

    def _setting(self, name: str) -> str | None:
        return setting(name, self._environ) or setting(name.replace(":", "__"), self._environ)

    def _refuse_identity(self, name: str) -> None:
        for start in (f"AzureWebJobs{name}", name):
            for part in _IDENTITY:
                if self._setting(f"{start}:{part}"):
                    raise AppNotLoadable(
                        f"the connection {name} names an account to be opened by an identity "
                        f"({start}__{part}). devhost signs in nowhere: for local runs set {name} "
                        "to a connection string, such as that of Azurite."
                    )


def _keys(name: str) -> Iterator[str]:
    for one in (f"AzureWebJobs{name}", name):
        yield f"ConnectionStrings:{one}"
        yield one
