"""What the engine refuses, each with the facts its caller needs to answer."""


class EngineError(Exception):
    """The engine refused what was asked of it."""


class UnknownFunction(EngineError):
    """No enabled function of that name and kind is loaded."""

    def __init__(self, name: str, kind: str, known: tuple[str, ...]) -> None:
        listed = ", ".join(f"'{one}'" for one in known) or "none"
        article = "an" if kind[0] in "aeiou" else "a"
        super().__init__(
            f"The function '{name}' doesn't exist, is disabled, "
            f"or is not {article} {kind} function. "
            f"Additional info: The following are the known {kind} functions: {listed}."
        )
        self.name = name


class BadInstanceId(EngineError):
    """An instance id has 1 to 100 characters, no slash, backslash, `#` or `?`, no `@` in front."""


class InstanceNotFound(EngineError):
    """No instance has that id."""


class InstanceExists(EngineError):
    """An instance of that id is still alive."""

    def __init__(self, instance_id: str, status: str) -> None:
        super().__init__(f"An Orchestration instance with the status {status} already exists.")
        self.instance_id = instance_id
        self.status = status


class _InStatus(EngineError):
    """The instance's status does not allow it."""

    def __init__(self, instance_id: str, status: str) -> None:
        super().__init__(f"The instance '{instance_id}' is {status}.")
        self.instance_id = instance_id
        self.status = status


class InstanceFinished(_InStatus):
    """The instance has ended already."""


class InstanceNotFinished(_InStatus):
    """The instance has not ended yet."""


class WrongState(_InStatus):
    """The instance is not in the state that the command needs."""
