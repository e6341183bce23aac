"""The rule language: pure functions over plain data. No files, no network, no settings."""
