"""A loaded app as values: its functions, their bindings, and the folder they come from."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devhost.hostjson import HostConfig


@dataclass(frozen=True)
class Binding:
    """One binding of a function; `settings` is its JSON as the library writes it."""

    name: str
    type: str
    is_out: bool
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class FunctionInfo:
    """One function of the app; `bindings` holds all of them, the trigger included."""

    name: str
    user_function: Callable[..., Any]
    trigger: Binding
    bindings: tuple[Binding, ...]
    retry: Mapping[str, str] | None = None
    disabled: bool = False

    @property
    def kind(self) -> str:
        """The trigger's type, such as `activityTrigger`."""
        return self.trigger.type

    @property
    def is_async(self) -> bool:
        """Whether calling it makes a coroutine."""
        return inspect.iscoroutinefunction(self.user_function)

    @property
    def folder(self) -> Path:
        """The folder of the file that defines it."""
        return Path(inspect.getfile(self.user_function)).parent

    @property
    def durable_name(self) -> str:
        """The name the durable extension knows it by: the trigger's own, else the function's."""
        settings = self.trigger.settings
        return settings.get("orchestration") or settings.get("activity") or self.name


@dataclass(frozen=True)
class LoadedApp:
    """An app that was imported, indexed and found valid."""

    root: Path
    functions: tuple[FunctionInfo, ...]
    host: HostConfig = field(default_factory=HostConfig)

    def of_kind(self, trigger_type: str) -> tuple[FunctionInfo, ...]:
        """Return the enabled functions with a trigger of this type, as declared."""
        return tuple(one for one in self.functions if one.kind == trigger_type and not one.disabled)

    def find(self, trigger_type: str, name: str) -> FunctionInfo | None:
        """Return the enabled function the extension would run under this name, in any case."""
        candidates = self.of_kind(trigger_type)
        return next((one for one in candidates if one.durable_name.lower() == name.lower()), None)
