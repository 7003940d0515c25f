"""The store: tables, how a tenant's state is loaded from them, and how what was decided is appended.

It knows SQL and decides nothing.
"""
