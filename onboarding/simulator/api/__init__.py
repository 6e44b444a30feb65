"""The documented operations: one view function each, named by Codat's operationId."""

# Importing a module registers its operations.
from . import (  # noqa: F401
    companies,
    connections,
    data_sets,
    expenses,
    files,
    financials,
    integrations,
    lists,
    reports,
    settings,
    webhooks,
)
from .operation import OPERATIONS, Operation

__all__ = ["OPERATIONS", "Operation"]
