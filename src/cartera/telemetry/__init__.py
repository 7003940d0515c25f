"""What operators see from outside: metrics and traces. The service itself knows only of observers."""
