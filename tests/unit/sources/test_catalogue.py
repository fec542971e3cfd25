"""The catalogue of sources."""

import pytest

from gather_once.sources.registry import KINDS, UnknownKind, source_for


def test_every_kind_has_the_source_that_says_so() -> None:
    kinds = KINDS - {"human"}  # who is asked by a notice, not by a call
    assert {source_for(kind).kind for kind in kinds} == kinds
    assert "http" in KINDS


def test_an_unknown_kind_is_told_what_there_is() -> None:
    with pytest.raises(UnknownKind, match=r"no source is called 'fax'; there are .*http"):
        source_for("fax")
