from support.advisories import read_audit

AUDITED = {"name": "requests", "version": "2.0", "vulns": []}
UNKNOWN = {"name": "six", "skip_reason": "Dependency not found on PyPI"}
FAULTY = {
    "name": "jinja",
    "version": "1.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1", "2.0"]}, {"id": "X-2", "fix_versions": []}],
}


def test_nothing_audited_is_never_called_ok() -> None:
    assert read_audit([]).verdict == "skipped: no advisory data"
    assert read_audit([UNKNOWN, UNKNOWN]).verdict == "skipped: no advisory data"


def test_ok_says_how_many_were_audited_and_which_were_not() -> None:
    assert read_audit([AUDITED]).verdict == "ok: 1 packages audited"
    assert read_audit([AUDITED, UNKNOWN]).verdict == "ok: 1 packages audited, no data about six"


def test_an_advisory_fails_it_and_names_the_way_out() -> None:
    audit = read_audit([AUDITED, UNKNOWN, FAULTY])

    assert audit.advisories == (
        "jinja 1.0 has PYSEC-1, fixed in 1.1 or 2.0",
        "jinja 1.0 has X-2, fixed in no version yet",
    )
    assert audit.verdict.startswith("failed: jinja 1.0")
