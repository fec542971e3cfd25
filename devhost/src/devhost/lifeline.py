"""File descriptors by which others learn that this process has ended: no fork may keep them open.

A program that is executed does not inherit them (Python opens files close-on-exec), but a plain
fork does, such as a worker of `multiprocessing` that outlives a killed host.
"""

import os

_descriptors: set[int] = set()


def hold(descriptor: int) -> int:
    """Keep `descriptor` open in this process alone, and return it."""
    _descriptors.add(descriptor)
    return descriptor


def let_go(descriptor: int) -> None:
    """Close a descriptor that `hold` was given."""
    _descriptors.discard(descriptor)
    os.close(descriptor)


def _close_all_in_a_fork() -> None:
    while _descriptors:
        os.close(_descriptors.pop())


if hasattr(os, "register_at_fork"):  # there is no fork on Windows
    os.register_at_fork(after_in_child=_close_all_in_a_fork)
