"""Textual's driver, with fewer bytes for the same picture; it takes over a terminal where a frame stands already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from runspect.tui.shown_cells import ShownCells

if TYPE_CHECKING:
    from runspect.tui.skeleton import Skeleton

_ALTERNATE_SCREEN = "\x1b[?1049h"


def driver(shown: ShownCells, skeleton: Skeleton | None = None) -> type[Driver]:
    """The driver that sends only what the terminal does not show yet.

    Args:
        shown: What it shows.
        skeleton: The frame with which the program began, which has made the terminal quiet.
    """

    class ThriftyDriver(LinuxDriver):
        """Writes through `shown`; a frame in which nothing changed is not begun."""

        _begun = False

        def write(self, data: str) -> None:
            if data == SYNC_START:
                self._begun = True
            elif data == SYNC_END and self._begun:
                self._begun = False
            elif fewer := shown.fewer(data):
                super().write(f"{SYNC_START}{fewer}" if self._begun else fewer)
                self._begun = False

        def start_application_mode(self) -> None:
            shown.forget()
            super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual gives no types here

    return ThriftyDriver if skeleton is None else _taking_over(ThriftyDriver, skeleton)


def _taking_over(base: type[LinuxDriver], skeleton: Skeleton) -> type[Driver]:
    class TakingOver(base):  # type: ignore[misc,valid-type]  # a base that is made at run time
        """Keeps what stands on the screen, and gives the terminal back as it was before the skeleton."""

        _entered = False

        def write(self, data: str) -> None:
            # Some terminals clear the alternate screen when they are sent to it once more.
            if data == _ALTERNATE_SCREEN and not self._entered:
                self._entered = True
                return
            super().write(data)

        def start_application_mode(self) -> None:
            super().start_application_mode()
            if skeleton.is_up:
                self.attrs_before = skeleton.attributes
                skeleton.hand_over()
            elif self.attrs_before is None:
                self.attrs_before = skeleton.attributes

    return TakingOver
