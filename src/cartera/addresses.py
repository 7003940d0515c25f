"""Addresses to listen at."""

from ipaddress import ip_address

_LAST_PORT = 65_535


def split_address(listen: str) -> tuple[str, int]:
    """The host and the port of HOST:PORT. ValueError where it is not one."""
    host, separator, port = listen.rpartition(":")
    if not separator or not host or not port.isdecimal() or int(port) > _LAST_PORT:
        raise ValueError(f"{listen!r} is not HOST:PORT")
    return host, int(port)


def is_loopback(listen: str) -> bool:
    """Whether only this machine reaches an address."""
    return is_loopback_host(split_address(listen)[0])


def is_loopback_host(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
