"""Refuses a state folder that another stored form of the app wrote, before `make run` starts.

The number of the form, `gather_once.model.wire.VERSION`, lies beside the folder, in the file of its
name with `.version` behind: devhost, which refuses a folder with files of others, knows no app.
"""

import argparse
import sys
from pathlib import Path

from gather_once.model.wire import VERSION


class OtherForm(Exception):
    """What lies in the folder was written in another form; the text says what to do."""


def note_or_refuse(state: Path, version: int = VERSION) -> None:
    """Write down that the folder is of this form, where nothing is in it yet.

    Raises:
        OtherForm: something is in it, of another form or of one that is not written down.
    """
    folder = state.resolve()
    note = folder.with_name(f"{folder.name}.version")
    if not _is_used(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(f"{version}\n")
        return
    found = note.read_text().strip() if note.exists() else ""
    if found != str(version):
        raise OtherForm(
            f"the state {state} is of the stored form {found or 'unknown'}, and this app reads and "
            f"writes {version}: name another folder with STATE=, or delete this one and {note.name}"
        )


def _is_used(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def main(arguments: list[str] | None = None) -> int:
    """Return the exit code: 1 for a folder that is refused."""
    parser = argparse.ArgumentParser(prog="python -m tools.stored_form", description=__doc__)
    parser.add_argument("state", type=Path, help="the folder of the host's state")
    try:
        note_or_refuse(parser.parse_args(arguments).state)
    except (OtherForm, OSError) as refusal:  # OSError: it cannot be read or written there
        print(refusal, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
