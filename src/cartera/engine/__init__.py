"""The engine: one write path per tenant, committed in groups."""
