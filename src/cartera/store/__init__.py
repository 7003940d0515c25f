"""The store: tables, and how a tenant's state is loaded from them and what was decided is appended. It decides nothing."""
