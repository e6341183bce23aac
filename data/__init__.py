"""What the system knows, keeps and lets be seen."""
