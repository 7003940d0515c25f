"""Traffic: tenants under load by callers and watchers who write down all that they do and are told."""

from chaos.traffic.traffic import Traffic

__all__ = ["Traffic"]
