"""How the schema came to be what the tables say."""
