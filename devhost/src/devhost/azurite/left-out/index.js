// Stands in for three packages that Azurite requires and that devhost never lets it use: its
// telemetry, which `--disableTelemetry` switches off, and the drivers of SQL Server and MySQL, of
// which one takes the place of Azurite's own files where AZURITE_DB is set. They and what they
// depend on are 300 of 365 MB.
"use strict";
