"""The app as it is, but for claims that expire within seconds: for tests in real time.

A claim lives for 30 s, and counts as live for 30 s more. Who is killed in the middle of a call is
followed a minute later, which a test of a few seconds would only wait for.
"""

from pathlib import Path

from support.deployed import ROOT
from tools.checkout import tracked_files

_LEFT_OUT = {"function_app.py", "local.settings.json", "tests", "devhost"}
_FUNCTION_APP = '''
"""The app, in haste."""
from datetime import timedelta

from gather_once.ledger import keys

keys.CLAIM_LIVES, keys.RENEW_EVERY = timedelta(seconds=6), timedelta(seconds=2)
keys.SKEW = timedelta(seconds=2)

from unhurried import app  # what reads the above is imported here
'''


def hasty_app(folder: Path) -> Path:
    """Make an app folder in which everything is the app's own but how long claims live."""
    folder.mkdir()
    for name in {path.parts[0] for path in tracked_files()} - _LEFT_OUT:
        if not name.startswith("."):
            (folder / name).symlink_to(ROOT / name)
    (folder / "unhurried.py").symlink_to(ROOT / "function_app.py")
    (folder / "function_app.py").write_text(_FUNCTION_APP)
    return folder
