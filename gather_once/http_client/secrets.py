"""Secrets, and connections that contain some: plans name them, only attempts read their values."""

from collections.abc import Mapping
from typing import Any

from gather_once.model.connection import Connection, storage_connection
from gather_once.model.errors import InvalidSetting
from gather_once.model.settings import database, secret, secret_setting
from gather_once.model.targets import Secret


class Secrets:
    """The secrets of one environment; its repr shows none."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __repr__(self) -> str:
        return "Secrets(...)"

    def reveal(self, value: Any) -> Any:  # noqa: ANN401  # a JSON value of the plan
        """Return the secret that `{"secret": NAME}` names; any other value unchanged.

        Raises InvalidSetting for an invalid name, or without its setting `GATHER_SECRET_<NAME>`.
        """
        if not names_secret(value):
            return value
        try:
            name = Secret(value["secret"]).name
        except (TypeError, ValueError) as error:
            setting = secret_setting("<NAME>")
            raise InvalidSetting(
                setting, "needs a NAME of capital letters, digits and _"
            ) from error
        return secret(self._environ, name)

    def database(self, name: str) -> str:
        """Return the connection URL of the database that plans call `name`.

        Raises InvalidSetting when its setting `GATHER_SQL_<NAME>` is missing.
        """
        return database(self._environ, name)

    def storage(self, name: str) -> Connection:
        """Return the connection of this name to a storage account; raises InvalidSetting."""
        return storage_connection(self._environ, name)


def names_secret(value: object) -> bool:
    """Return whether the value names a secret: an object with the one field `secret`."""
    return isinstance(value, Mapping) and value.keys() == {"secret"}
