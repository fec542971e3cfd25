"""The pytest plugin of devhost."""
