"""Why an app has no storage."""


class AzuriteMissing(Exception):
    """Azurite is not installed and cannot be installed."""


class AzuriteFailed(Exception):
    """Azurite is installed but does not start."""


class StorageUnclear(Exception):
    """It cannot be told which storage is meant."""
