"""Access keys: which ones a request may present, and what they open once they are enforced."""

from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import Request


@dataclass(frozen=True)
class Keys:
    """The keys that are checked; hosts without any check nothing, as `func start` does."""

    host: str
    """Opens functions of level `function`."""

    master: str
    """Opens everything."""

    def refuse_function(self, level: str, presented: str) -> HTTPStatus | None:
        """Say how a function of that level (in any case) answers this key; None lets it in."""
        opening = {
            "anonymous": {presented},
            "function": {self.host, self.master},
            "admin": {self.master},
        }[level.lower()]
        return None if presented in opening else HTTPStatus.UNAUTHORIZED

    def refuse_webhook(self, system: str, presented: str) -> HTTPStatus | None:
        """Say how a webhook with that system key answers this key; None lets it in."""
        if presented in {system, self.master}:
            return None
        return HTTPStatus.FORBIDDEN if presented == self.host else HTTPStatus.UNAUTHORIZED


def presented_key(request: Request) -> str:
    """Return the key in the header `x-functions-key`, else the one in `code=`, else nothing."""
    return request.headers.get("x-functions-key") or request.query_params.get("code", "")
