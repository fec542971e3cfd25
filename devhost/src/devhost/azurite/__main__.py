"""The command line: `python -m devhost.azurite install`."""

import argparse
import sys

from devhost.azurite.errors import AzuriteMissing
from devhost.azurite.installation import ensure_installed


def main(arguments: list[str] | None = None) -> int:
    """Install Azurite if it is not; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m devhost.azurite")
    commands = parser.add_subparsers(required=True)
    commands.add_parser("install", help="install the pinned Azurite, unless it is installed")
    parser.parse_args(arguments)
    try:
        installation = ensure_installed()
    except AzuriteMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    print(f"Azurite is installed: {installation.script.parents[2]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
