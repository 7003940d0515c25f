"""`python -m cartera` is `cartera`."""

from cartera.command_line.main import main

main()
