"""Finding a part of a word among very many rows."""

from typing import Any

from django.db import models


class PartIndex(models.Index):
    """An index of one text column for `icontains`.

    PostgreSQL gets its trigrams (the extension pg_trgm, which the owner of a database may switch
    on); where that is refused or not installed, searching stays right and becomes slow. Other
    databases get a plain index.
    """

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **kwargs: Any) -> Any:
        if schema_editor.connection.vendor != "postgresql":
            return super().create_sql(model, schema_editor, using=using, **kwargs)
        name, quote = self.fields[0], schema_editor.quote_name
        column = quote(model._meta.get_field(name).column)
        # The expression is the one that `icontains` compares, else it would not be used.
        return (
            "DO $index$ BEGIN CREATE EXTENSION IF NOT EXISTS pg_trgm;"
            f" CREATE INDEX {quote(self.name)} ON {quote(model._meta.db_table)}"
            f" USING gin (UPPER({column}::text) gin_trgm_ops);"
            " EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported"
            " THEN RAISE WARNING 'no pg_trgm: searching will be slow'; END $index$"
        )
