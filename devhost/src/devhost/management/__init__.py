"""The durable HTTP API: start, look at, steer and forget instances."""

from devhost.management.api import Management
from devhost.management.port import Instances
from devhost.urls import client_json

__all__ = ["Instances", "Management", "client_json"]
