"""Textual's driver, with fewer bytes for the same picture; it takes over a terminal where a frame stands already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from runspect.tui.pen import thrifty

if TYPE_CHECKING:
    from runspect.tui.skeleton import Skeleton

_ALTERNATE_SCREEN = "\x1b[?1049h"


class ThriftyDriver(LinuxDriver):
    """Says of each colour change only what is another than before."""

    def write(self, data: str) -> None:
        super().write(thrifty(data))


def taking_over(skeleton: Skeleton) -> type[Driver]:
    """The driver for a terminal that `skeleton` has made quiet."""

    class TakingOver(ThriftyDriver):
        """Keeps what stands on the screen, and gives the terminal back as it was before the skeleton."""

        _entered = False

        def write(self, data: str) -> None:
            # Some terminals clear the alternate screen when they are sent to it once more.
            if data == _ALTERNATE_SCREEN and not self._entered:
                self._entered = True
                return
            super().write(data)

        def start_application_mode(self) -> None:
            super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual gives no types here
            if skeleton.is_up:
                self.attrs_before = skeleton.attributes
                skeleton.hand_over()
            elif self.attrs_before is None:
                self.attrs_before = skeleton.attributes

    return TakingOver
