"""What Alembic runs. It works on the connection that :mod:`data.store.migrate` opened."""

from alembic import context

from data.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
