"""Changes to a database behind the service's back."""

from sqlalchemy import text

from cartera.store.engines import engine_of


def change(url: str, *statements: str) -> None:
    """Change the database by hand."""
    engine = engine_of(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
