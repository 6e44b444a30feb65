"""The documented operations: one view function each, named by Codat's operationId."""

from . import (
    companies,
    connections,
    data_sets,
    integrations,
    reports,
    settings,
)
from .operation import OPERATIONS, Operation

__all__ = [
    "OPERATIONS",
    "Operation",
    "companies",
    "connections",
    "data_sets",
    "integrations",
    "reports",
    "settings",
]
