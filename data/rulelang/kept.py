"""Making something large, all of which is kept.

Python looks for garbage whenever much was made, and looks through all that was made so far: for
50,000 rules that takes as long as half of the work itself, and finds nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def all_kept() -> Generator[None]:
    """Look for no garbage meanwhile. Also a decorator: ``@all_kept()``."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
