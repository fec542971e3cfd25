"""Instance ids: which are allowed."""

from devhost.engine.errors import BadInstanceId

LONGEST = 100
_FORBIDDEN = frozenset("/\\#?")


def check_instance_id(instance_id: str) -> None:
    """Refuse what the extension refuses.

    Raises:
        BadInstanceId: empty, longer than 100 characters, `@` in front, or a forbidden character.
    """
    bad = sorted({one for one in instance_id if one in _FORBIDDEN or not one.isprintable()})
    if bad:
        raise BadInstanceId(f"The instance id '{instance_id}' has characters not allowed: {bad}.")
    if not 1 <= len(instance_id) <= LONGEST or instance_id.startswith("@"):
        raise BadInstanceId(
            f"The instance id '{instance_id}' must have 1 to {LONGEST} characters"
            " and must not begin with @."
        )
