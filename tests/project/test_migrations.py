"""The squashed migrations say what the ones they replace say."""

from django.db.migrations.loader import MigrationLoader


def test_squashed_and_replaced_migrations_end_alike() -> None:
    """An empty database takes the squashed ones, one that began before them goes on with the others."""
    every = MigrationLoader(None, replace_migrations=False)
    squashed = {name for name, migration in every.disk_migrations.items() if migration.replaces}
    assert len(squashed) == 14
    replaced = {name for new in squashed for name in every.disk_migrations[new].replaces}
    assert replaced <= every.disk_migrations.keys()
    taken = MigrationLoader(None)
    assert set(taken.graph.nodes) == every.disk_migrations.keys() - replaced
    by_steps = every.project_state([leaf for leaf in every.graph.leaf_nodes() if leaf not in squashed])
    assert by_steps == taken.project_state()
