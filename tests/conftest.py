"""What all tests share."""

from __future__ import annotations

import os

from hypothesis import settings

# The same cases on every run, so that what is green stays green; `search` looks for new ones.
settings.register_profile("here", deadline=None, print_blob=True, derandomize=True)
settings.register_profile("search", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "here"))
