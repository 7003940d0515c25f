"""The command line: `cartera serve`, `cartera apply`, `cartera route` and the others."""
