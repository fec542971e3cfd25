import json

from devhost.validation import examine
from devhost_support.parity import Both


def test_the_same_functions_with_the_same_bindings_are_found(both: Both) -> None:
    ours = {
        one.name: [dict(binding.settings) for binding in one.bindings]
        for one in both.devhost.app.functions
    }
    theirs = {
        one.name: [json.loads(binding) for binding in one.raw_bindings]
        for one in both.worker.metadata()
    }

    assert len(ours) > 100
    assert ours == theirs


def test_bindings_have_the_same_directions_and_types(both: Both) -> None:
    for described in both.worker.metadata():
        ours = {
            one.name: (one.type, one.is_out)
            for one in both.devhost.function(described.name).bindings
        }
        theirs = {
            name: (one.type, one.direction == one.out) for name, one in described.bindings.items()
        }
        assert ours == theirs


def test_functions_are_called_the_same_way(both: Both) -> None:
    for function in both.devhost.app.functions:
        ours, theirs = examine(function), both.worker.signature(function.name)

        assert ours.inputs == {k: one.binding_name for k, one in theirs.input_types.items()}
        assert {k: (one.binding_type, one.declared) for k, one in ours.outputs.items()} == {
            k: (one.binding_name, one.pytype) for k, one in theirs.output_types.items()
        }
        assert (ours.returns is not None) == theirs.has_return
        if ours.returns:
            assert (ours.returns.binding_type, ours.returns.declared) == theirs.return_type[:2]
        assert ours.wants_context == theirs.requires_context


def test_functions_run_in_the_same_place(both: Both) -> None:
    for function in both.devhost.app.functions:
        theirs = both.worker.signature(function.name)

        assert function.is_async == theirs.is_async
        assert str(function.folder) == theirs.directory
