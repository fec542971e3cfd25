"""Keeps an Azurite running: starts it again on the same ports when it ends unasked."""

import logging
import threading
from collections.abc import Mapping
from pathlib import Path

from devhost.azurite.endpoints import Ports
from devhost.azurite.errors import AzuriteFailed
from devhost.azurite.installation import Installation
from devhost.azurite.run import AzuriteRun

log = logging.getLogger(__name__)

_PAUSES = (0.0, 0.2, 1.0, 3.0, 10.0)  # seconds before each try to bring it back


class Keeper:
    """One Azurite and the thread that watches it; the methods block."""

    def __init__(
        self, installation: Installation, folder: Path, environ: Mapping[str, str]
    ) -> None:
        self._installation = installation
        self._folder = folder
        self._environ = environ
        self._ports = Ports()
        self._run: AzuriteRun | None = None
        self._watcher: threading.Thread | None = None
        self._closing = threading.Event()
        self._turn = threading.Lock()  # between starting a run and asking it to close

    @property
    def ports(self) -> Ports:
        """Where it listens: zeros before the first start, and the same ones ever after."""
        return self._ports

    @property
    def run(self) -> AzuriteRun | None:
        """The run that is under way, if any."""
        return self._run

    def start(self) -> None:
        """Return once Azurite answers.

        Raises:
            AzuriteFailed: it does not.
        """
        self._closing.clear()
        self._begin()
        self._watcher = threading.Thread(target=self._watch, name="devhost-azurite", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """Return once Azurite has saved everything and ended."""
        self._closing.set()
        with self._turn:
            run = self._run
        if run is not None:
            run.close()
        if self._watcher is not None:
            self._watcher.join()

    def _watch(self) -> None:
        while self._see_it_end() and self._bring_back():
            pass

    def _begin(self) -> None:
        with self._turn:
            if self._closing.is_set():
                raise AzuriteFailed("Azurite is not started again: it was asked to stop")
            run = AzuriteRun(self._installation, self._folder, self._ports, self._environ)
            self._run = run
        try:
            self._ports = run.wait_until_it_answers()
        except AzuriteFailed:
            run.close()
            run.wait()
            self._run = None
            raise

    def _see_it_end(self) -> bool:
        """Wait for the end of the run; say whether nobody had asked for it."""
        run = self._run
        if run is None:
            return False
        code = run.wait()
        self._run = None
        if self._closing.is_set():
            return False
        log.warning("Azurite ended by itself (exit code %s): starting it again", code)
        return True

    def _bring_back(self) -> bool:
        for pause in _PAUSES:
            if self._closing.wait(pause):
                return False
            try:
                self._begin()
            except AzuriteFailed as failure:
                log.warning("%s", failure)
            else:
                return True
        log.error("Azurite does not come back: stop this host and start it again")
        return False
