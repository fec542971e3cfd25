"""People as the app meets them: they find notices on a queue, open links, and answer, or do not."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueClient, TextBase64DecodePolicy

from support.story import PlanInTheMaking, Story, a_plan

QUESTION: dict[str, Any] = {
    "question": "Release the report?",
    "choices": ["yes", "no"],
    "assignee": "risk-desk",
}


def a_plan_with_a_human(name: str = "sign_off", **fields: Any) -> PlanInTheMaking:
    """Return a plan of the one question; a field that is None is left out."""
    ask = {n: value for n, value in {**QUESTION, **fields}.items() if value is not None}
    return a_plan().asking_of("human", name, **ask)


@dataclass(frozen=True)
class Notice:
    """A message on the queue of questions."""

    json: dict[str, Any]

    @property
    def link(self) -> str:
        return str(self.json["url"])

    @property
    def token(self) -> str:
        return urlsplit(self.link).fragment


class People:
    """Everybody who reads the queue of questions of a story."""

    def __init__(self, story: Story) -> None:
        self.story = story
        policy = TextBase64DecodePolicy()
        self._queue = QueueClient.from_connection_string(
            story.connection, "questions", message_decode_policy=policy
        )
        self.read: list[Notice] = []

    @property
    def notices(self) -> list[Notice]:
        """All notices so far, in the order in which they came."""
        try:
            messages = list(self._queue.receive_messages(messages_per_page=32))
        except ResourceNotFoundError:
            return self.read
        for message in messages:
            self.read.append(Notice(json.loads(message.content)))
            self._queue.delete_message(message)
        return self.read

    def are_asked(self) -> Notice:
        """Return the newest notice, as soon as there is one."""
        self.story.host.settle()
        return self.notices[-1]

    def open(self, token: str) -> requests.Response:
        return self.story.host.post("/api/answer", json={"token": token})

    def answer(self, token: str, answer: Any, request_id: str = "r1") -> requests.Response:
        said = {"token": token, "answer": answer, "request_id": request_id}
        return self.story.host.post("/api/answer", json=said)
