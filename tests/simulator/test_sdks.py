"""The simulator as Codat's own SDKs understand it.

Which operations are walked is computed from the simulator's routes, so that none is left out.
"""

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest
from codat_platform.models import errors as platform_errors
from codat_platform.models import shared as platform_shared
from codat_platform.sdk import CodatPlatform
from codat_platform.utils.retries import RetryConfig
from codat_sync_for_expenses.models import errors as expenses_errors
from codat_sync_for_expenses.models import shared as expenses_shared
from codat_sync_for_expenses.sdk import CodatSyncExpenses

from onboarding.simulator.api import OPERATIONS

from .conftest import AUTH, ERROR_STATUSES, Arranged

NAMES = {name for one in OPERATIONS for name in (one.id, *one.aliases)}


SETTING = {
    "data_type": "invoices",
    "fetch_on_first_link": True,
    "sync_schedule": 24,
    "sync_order": 0,
}
# What to ask with, by operationId; `None` stands for an operation without a request.
ASKED: dict[str, Callable[[Arranged], dict[str, Any] | None]] = {
    "create-company": lambda a: {"name": "New", "description": "d", "tags": {"uid": "1"}},
    "delete-company": lambda a: {"company_id": a.fresh_company()},
    "get-company": lambda a: {"company_id": a.company},
    "get-company-syncSettings": lambda a: {"company_id": a.company},
    "list-companies": lambda a: {"page": 1, "page_size": 2, "query": "name~a", "order_by": "-name"},
    "replace-company": lambda a: {
        "company_id": a.fresh_company(),
        "company_request_body": {"name": "Other"},
    },
    "set-company-syncSettings": lambda a: {
        "company_id": a.company,
        "request_body": {
            "company_id": a.company,
            "settings": [SETTING],
            "overrides_defaults": True,
        },
    },
    "update-company": lambda a: {
        "company_id": a.fresh_company(),
        "company_update_request": {"name": "Other"},
    },
    "create-connection": lambda a: {
        "company_id": a.fresh_company(),
        "request_body": {"platform_key": "gbol"},
    },
    "delete-connection": lambda a: a.fresh_connection(),
    "get-connection": lambda a: {"company_id": a.company, "connection_id": a.connection},
    "list-connections": lambda a: {"company_id": a.company, "query": "status=Linked"},
    "unlink-connection": lambda a: (
        a.fresh_linked()
        | {
            "update_connection_status": {"status": "Unlinked"},
            "request_body": {"status": "Unlinked"},
        }
    ),
    "create-webhook-consumer": lambda a: {
        "url": f"{a.portal.url}/elsewhere",
        "event_types": ["company.created"],
        "company_tags": ["uid:1"],
    },
    "delete-webhook-consumer": lambda a: {"webhook_id": a.fresh_consumer()},
    "list-webhook-consumers": lambda a: None,
    "get-integration": lambda a: {"platform_key": "gbol"},
    "get-integrations-branding": lambda a: {"platform_key": "qhyg"},
    "list-integrations": lambda a: {"query": "sourceType=accounting&&enabled=true"},
    "refresh-company-data": lambda a: {"company_id": a.fresh_linked()["company_id"]},
    "refresh-all-data-types": lambda a: {"company_id": a.fresh_linked()["company_id"]},
    "refresh-data-type": lambda a: {
        "company_id": a.fresh_linked()["company_id"],
        "data_type": "invoices",
    },
    "get-company-data-status": lambda a: {"company_id": a.company},
    "get-data-status": lambda a: {"company_id": a.company},
    "get-pull-operation": lambda a: {"company_id": a.company, "dataset_id": a.dataset},
    "list-pull-operations": lambda a: {"company_id": a.company, "query": "status=Complete"},
    "get-profile": lambda a: None,
    "get-profile-syncSettings": lambda a: None,
    "update-profile": lambda a: {"name": "Client", "redirect_url": a.portal.url},
    "update-profile-syncSettings": lambda a: {
        "client_id": a.client_id,
        "settings": [SETTING],
        "overrides_defaults": True,
    },
    "get-read-validation-results": lambda a: {"company_id": a.company, "dataset_id": a.dataset},
    "create-partner-expense-connection": lambda a: {"company_id": a.fresh_linked()["company_id"]},
    "get-company-info": lambda a: {"company_id": a.company},
    "get-mapping-options": lambda a: {"company_id": a.company},
    "get-customer": lambda a: {"company_id": a.company, "customer_id": "0001"},
    "list-customers": lambda a: {"company_id": a.company, "query": "metadata.isDeleted!=true"},
    "get-supplier": lambda a: {"company_id": a.company, "supplier_id": "0001"},
    "list-suppliers": lambda a: {"company_id": a.company},
    "get-company-configuration": lambda a: {"company_id": a.company},
    "set-company-configuration": lambda a: {
        "company_id": a.company,
        "company_configuration": {
            name: {"id": "1"} for name in ("bank_account", "supplier", "customer")
        },
    },
}


def _walkable() -> dict[tuple[str, str], tuple[str, str]]:
    """(SDK, operationId) → group and method, for each operation that the simulator has."""
    found = {}
    for sdk in (CodatPlatform, CodatSyncExpenses):
        for group_name, group in vars(sdk(server_url="http://127.0.0.1:9")).items():
            if group_name.startswith("_"):
                continue
            for name, method in inspect.getmembers(group, callable):
                if name.startswith("_") or name.endswith("_async"):
                    continue
                source = inspect.getsource(inspect.unwrap(method))
                named = re.search(r"operation_id='([\w-]+)'", source)
                if named and named[1] in NAMES:
                    found[sdk.__name__, named[1]] = (group_name, name)
    return found


WALKABLE = _walkable()


def _ask(arranged: Arranged, sdk: str, operation: str) -> Any:
    """Sends the operation by its SDK, without the SDK's own retries."""
    make, shared = {
        "CodatPlatform": (CodatPlatform, platform_shared),
        "CodatSyncExpenses": (CodatSyncExpenses, expenses_shared),
    }[sdk]
    client = make(
        server_url=arranged.codat.url,
        security=shared.Security(auth_header=AUTH["Authorization"]),
        retry_config=RetryConfig("none"),
    )
    group, name = WALKABLE[sdk, operation]
    request = ASKED[operation](arranged)
    method = getattr(getattr(client, group), name)
    return method() if request is None else method(request=request)


def test_the_sdks_have_most_of_the_operations() -> None:
    walked = {operation for _, operation in WALKABLE}
    published = {one.id for one in OPERATIONS if one.authority == "schema"}
    not_in_an_sdk = {"get-commerce-profile", "upload-files", "list-files", "download-files"}
    assert published - walked == not_in_an_sdk


@pytest.mark.parametrize(("sdk", "operation"), sorted(WALKABLE))
def test_an_sdk_understands_the_answer(arranged: Arranged, sdk: str, operation: str) -> None:
    calls = arranged.codat.control("/calls", method="GET")["total"]
    _ask(arranged, sdk, operation)
    assert arranged.codat.control("/calls", method="GET")["total"] > calls


@pytest.mark.parametrize(("sdk", "operation"), sorted(WALKABLE))
def test_an_sdk_understands_each_error(arranged: Arranged, sdk: str, operation: str) -> None:
    kinds = (platform_errors.ErrorMessage, expenses_errors.ErrorMessage)
    for status in ERROR_STATUSES:
        match = {"operation": operation}
        arranged.codat.control("/faults", {"match": match, "fault": f"status:{status}"})
        with pytest.raises(kinds) as raised:
            _ask(arranged, sdk, operation)
        assert raised.value.status_code == status
        assert raised.value.data.correlation_id
