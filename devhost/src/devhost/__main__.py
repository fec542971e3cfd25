"""The command line: `python -m devhost start`."""

import argparse
import sys
from pathlib import Path

_DEFAULT_PORT = 7071


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return the exit code: 0 when it was stopped, 1 when it could not start."""
    parsed = _parser().parse_args(arguments)
    # Imported here: it takes most of a second, which `--help` and a mistyped option need not.
    try:
        from devhost.foreground import run  # noqa: PLC0415  see above
    except ModuleNotFoundError as missing:
        print(
            f'devhost: {missing.name} is not installed: pip install "gather-once-devhost[host]"',
            file=sys.stderr,
        )
        return 1
    return run(parsed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="devhost", description="Run a Durable Functions app.")
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("start", help="serve an app until Ctrl-C")
    add = start.add_argument
    add("app_dir", nargs="?", type=Path, default=Path(), help="its folder (default: this one)")
    add("--port", type=int, default=_DEFAULT_PORT, help="0 takes a free one (default: %(default)s)")
    add("--state", type=Path, help="folder of the host's state (default: APP_DIR/.state)")
    add(
        "--azurite",
        default="auto",
        metavar="auto|off|URL",
        help="storage: what AzureWebJobsStorage names, else an Azurite of our own (auto); only "
        "what it names (off); the Azurite whose blob service is at URL, or a connection string",
    )
    add("--strict", action="store_true", help="fail where the real host and the SDK disagree")
    add("--keys", action="store_true", help="enforce access keys, as Azure does")
    add(
        "--hints",
        type=_text_of,
        metavar="FILE",
        help="a text to print once the app can be called; {url} in it stands for its address",
    )
    add("--list-functions", action="store_true", help="print each function and what calls it")
    add("--verbose", action="store_true", help="log what the host itself does")
    return parser


def _text_of(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{file}: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main())
