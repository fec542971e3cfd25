import pytest

from gather_once.model.settings import Settings
from gather_once.model.targets import check_container, check_queue

EVERYTHING = Settings.of(
    {
        "TASKHUB_NAME": "TownHub",
        "GATHER_ALLOWED_CONTAINERS": (
            "inputs,azure-webjobs-hosts,azure-webjobs-secrets,townhub-leases,townhub-applease,"
            "townhub-largemessages,other-leases,app-package-x,gather-once-gathers,townhub-more"
        ),
        "GATHER_ALLOWED_QUEUES": (
            "completions,gathers,questions,gathers-poison,townhub-control-00,townhub-workitems,townhub-more"
        ),
    }
)


def test_what_an_operator_lists_may_be_named() -> None:
    assert check_container("inputs", EVERYTHING) == "inputs"
    assert check_queue("completions", EVERYTHING) == "completions"


@pytest.mark.parametrize("name", sorted(EVERYTHING.allowed_containers - {"inputs"}))
def test_no_list_opens_the_containers_of_app_and_host(name: str) -> None:
    with pytest.raises(ValueError, match="belongs"):
        check_container(name, EVERYTHING)


@pytest.mark.parametrize("name", sorted(EVERYTHING.allowed_queues - {"completions"}))
def test_no_list_opens_the_queues_of_app_and_host(name: str) -> None:
    with pytest.raises(ValueError, match="belongs"):
        check_queue(name, EVERYTHING)


def test_what_is_not_listed_may_not_be_named() -> None:
    with pytest.raises(ValueError, match="GATHER_ALLOWED_CONTAINERS"):
        check_container("private", Settings())
    with pytest.raises(ValueError, match="GATHER_ALLOWED_QUEUES"):
        check_queue("private", Settings())


@pytest.mark.parametrize("name", ["$web", "$logs", "Inputs", "in", "a/b", "a--b", ""])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        check_container(name, EVERYTHING)
