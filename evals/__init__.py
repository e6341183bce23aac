"""Is it any good: scorers, traces and their delivery."""
