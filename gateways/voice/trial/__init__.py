"""Two hundred calls through the gateway, and what must be true of them afterwards."""
