"""Programs for work on this repository, run by the Makefile and never deployed."""
