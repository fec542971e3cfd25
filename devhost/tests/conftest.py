"""What tests of several kinds share: one real Azurite for each test process."""

pytest_plugins = ["devhost_support.azurite"]
