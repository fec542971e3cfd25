"""Tells humans that they are asked: on the queue of questions, and to a webhook where there is one.

What is told is short and has the signed link; the context of a question is shown on the page alone.
"""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from gather_once.model.errors import InvalidSetting
from gather_once.model.fault import FaultKind, SourceFailed
from gather_once.model.settings import Settings
from gather_once.model.wire import moment_to_wire
from gather_once.notify.delivery import Courier
from gather_once.notify.notices import Notice
from gather_once.plans.notify_target import Delivery, ToQueue, ToWebhook
from gather_once.questions.links import Links

KIND: Final = "human"
"""The plan's word for it: what stands in `from`."""


_log = logging.getLogger(__name__)


def tell(
    environ: Mapping[str, str], settings: Settings, now: Callable[[], datetime], notice: Notice
) -> bool:
    """Tell all receivers once, blocking; False where all are to be told again.

    So they are when one does not take it now. One that refuses it, or is not set up, would refuse
    it the next time too: that is logged, and the others are not told over and over for its sake.
    """
    courier, hook = Courier(environ, settings, now), settings.questions_webhook
    receivers: list[Delivery] = [ToQueue(settings.questions_queue)]
    if hook:
        receivers.append(ToWebhook(hook))
    try:
        said = message_of(notice, Links.of(environ, settings, now).link_to(notice.place))
        taken = [_takes(courier, receiver, said) for receiver in receivers]
    except (SourceFailed, InvalidSetting) as error:
        _log.warning("question %s is told later: %s", notice.place.question, error)
        return False
    return any(taken)


def _takes(courier: Courier, receiver: Delivery, said: Mapping[str, Any]) -> bool:
    """Hand over; False where it is refused. Raises SourceFailed where it may work later."""
    try:
        courier.hand_over(json.dumps(said, ensure_ascii=False), said["key"], receiver)
    except SourceFailed as failed:
        if failed.fault.kind is not FaultKind.REFUSED:
            raise
        _log.error("a question is not taken, see GET /api/ready: %s", failed)
        return False
    return True


def message_of(notice: Notice, link: str) -> dict[str, Any]:
    """Return the notice as receivers get it, at least once; `key` is the same in repetitions."""
    place = notice.place
    return {
        "key": f"{place.question}:{place.generation}:{place.opener}:{notice.reminder}",
        "type": "question.reminder" if notice.reminder else "question.asked",
        "reminder_number": notice.reminder,
        "question": notice.question,
        "assignee": notice.assignee,
        "due_at": moment_to_wire(notice.due),
        "url": link,
    }
