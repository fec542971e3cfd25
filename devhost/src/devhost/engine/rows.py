"""Reads rows of the engine's file as the values they stand for."""

import json
import sqlite3

from devhost.clock import parse_timestamp
from devhost.engine.messages import Message, Work
from devhost.engine.records import Execution, InstanceRecord, Parent, Status


def record_of(row: sqlite3.Row) -> InstanceRecord:
    """Read a row of `instances`."""
    return InstanceRecord(
        instance_id=row["instance_id"],
        name=row["name"],
        version=row["version"],
        status=Status(row["status"]),
        input=row["input"],
        output=row["output"],
        custom_status=row["custom_status"],
        created_at=parse_timestamp(row["created"]),
        updated_at=parse_timestamp(row["updated"]),
    )


def execution_of(row: sqlite3.Row) -> Execution:
    """Read the newest execution from a row of `instances`."""
    parent = row["parent"]
    return Execution(
        instance_id=row["instance_id"],
        execution_id=row["execution_id"],
        name=row["name"],
        version=row["version"],
        input=row["input"],
        parent=Parent(**json.loads(parent)) if parent else None,
    )


def message_of(row: sqlite3.Row) -> Message:
    """Read a row of `inbox`."""
    due = parse_timestamp(row["due"])
    return Message(row["instance_id"], row["execution_id"], due, json.loads(row["event"]))


def work_of(row: sqlite3.Row) -> Work:
    """Read a row of `work`."""
    return Work(row["instance_id"], row["execution_id"], row["event_id"], row["name"], row["input"])
