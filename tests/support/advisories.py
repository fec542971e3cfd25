"""Looks the pinned packages up in the advisory database, and says how many were really there."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Audit:
    """What was looked up: packages found in the database, packages not found, and advisories."""

    audited: tuple[str, ...]
    unknown: tuple[str, ...]
    advisories: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """One line to print; `ok` only if something was audited and nothing was found."""
        if self.advisories:
            return "failed: " + "; ".join(self.advisories)
        if not self.audited:
            return "skipped: no advisory data"
        missed = f", no data about {', '.join(self.unknown)}" if self.unknown else ""
        return f"ok: {len(self.audited)} packages audited{missed}"


def read_audit(dependencies: Sequence[Mapping[str, Any]]) -> Audit:
    """Read the `dependencies` of pip-audit's JSON: each has `vulns`, or a `skip_reason`."""
    audited = [each for each in dependencies if "skip_reason" not in each]
    return Audit(
        audited=tuple(each["name"] for each in audited),
        unknown=tuple(each["name"] for each in dependencies if "skip_reason" in each),
        advisories=tuple(
            f"{each['name']} {each['version']} has {found['id']}, fixed in "
            f"{' or '.join(found['fix_versions']) or 'no version yet'}"
            for each in audited
            for found in each["vulns"]
        ),
    )


def ask_pip_audit(requirements: str) -> Audit:
    """Run pip-audit; where the database cannot be reached it prints no JSON, so nothing counts."""
    answer = subprocess.run(
        [
            *(sys.executable, "-m", "pip_audit", "--requirement", requirements),
            *("--disable-pip", "--no-deps", "--format", "json", "--progress-spinner", "off"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if not answer.stdout.strip():
        sys.stderr.write(answer.stderr[-2000:])
        return Audit((), (), ())
    return read_audit(json.loads(answer.stdout)["dependencies"])


if __name__ == "__main__":
    audit = ask_pip_audit(sys.argv[1])
    print(f"advisories: {audit.verdict}")  # noqa: T201 - a command line program
    sys.exit(bool(audit.advisories))
