"""What people touch: chat, decision API, command line."""
