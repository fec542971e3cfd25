"""Paths alone tell Azurite's services apart in its log; these are as its clients write them."""

from pathlib import Path

import pytest

from support.access_log import AccessLog, Operation, Purpose, Service

LINE = '127.0.0.1 - - [25/Nov/2026:02:48:43 +0000] "{} /devstoreaccount1/{} HTTP/1.1" 200 -\n'


@pytest.mark.parametrize(
    ("verb", "path", "service", "purpose"),
    [
        ("PUT", "gathers/g/1/outcome/a", Service.BLOB, Purpose.WORK),
        ("GET", "gathers?restype=container&comp=list", Service.BLOB, Purpose.WORK),
        ("PUT", "hub-largemessages/i/m.json.gz", Service.BLOB, Purpose.WORK),
        ("PUT", "hub-applease/hub-appleaseinfo?comp=lease", Service.BLOB, Purpose.LEASES),
        ("PUT", "azure-webjobs-hosts/locks/h/f.Listener?comp=lease", Service.BLOB, Purpose.LEASES),
        ("POST", "hub-control-00/messages", Service.QUEUE, Purpose.WORK),
        ("DELETE", "hub-workitems/messages/m?popreceipt=x", Service.QUEUE, Purpose.WORK),
        ("GET", "hub-control-00/messages?numofmessages=32", Service.QUEUE, Purpose.POLLING),
        ("GET", "hub-control-00?comp=metadata", Service.QUEUE, Purpose.POLLING),
        ("PUT", "hub-control-00", Service.QUEUE, Purpose.WORK),
        ("POST", "HubInstances", Service.TABLE, Purpose.WORK),
        ("POST", "$batch", Service.TABLE, Purpose.WORK),
        ("POST", "Tables", Service.TABLE, Purpose.WORK),
        ("PATCH", "HubInstances(PartitionKey='a',RowKey='')", Service.TABLE, Purpose.WORK),
        ("GET", "HubHistory()?$filter=PartitionKey%20eq%20%27a%27", Service.TABLE, Purpose.WORK),
        ("PATCH", "HubPartitions(PartitionKey='',RowKey='p')", Service.TABLE, Purpose.LEASES),
    ],
)
def test_a_request_tells_its_service_and_its_purpose(
    tmp_path: Path, verb: str, path: str, service: Service, purpose: Purpose
) -> None:
    (tmp_path / "log").write_text("Azurite is starting\n" + LINE.format(verb, path))

    (found,) = AccessLog(tmp_path / "log").operations()

    assert (found, found.service, found.purpose) == (Operation(verb, path), service, purpose)


def test_new_requests_are_those_of_whole_lines_since_the_last_look(tmp_path: Path) -> None:
    log, path = AccessLog(tmp_path / "log"), tmp_path / "log"
    first, second = LINE.format("GET", "a/b"), LINE.format("PUT", "c/d")

    path.write_text(first + second[:60])
    assert log.new_operations() == [Operation("GET", "a/b")]
    path.write_text(first + second)
    assert log.new_operations() == [Operation("PUT", "c/d")]
    assert log.new_operations() == []
