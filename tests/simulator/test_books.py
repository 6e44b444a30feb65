"""What is read of a business: figures, lists, expenses, files."""

import io
import zipfile
from urllib.parse import quote

import pytest

from .conftest import Codat, eventually

LISTS = ("accounts", "suppliers", "customers", "taxRates", "trackingCategories")


@pytest.fixture
def company_id(codat: Codat) -> str:
    company_id, _ = codat.linked(name="Harbour Bakes")
    codat.call("POST", f"/companies/{company_id}/data/queue/trackingCategories")
    eventually(lambda: len(codat.statuses(company_id)) == 9 and codat.read_done(company_id))
    return company_id


def test_profit_and_loss_adds_up(codat: Codat, company_id: str) -> None:
    path = f"/companies/{company_id}/data/financials/profitAndLoss"
    answer = codat.get(path, periodLength=1, periodsToCompare=12)
    assert len(answer["reports"]) == 12
    for report in answer["reports"]:
        gross = report["income"]["value"] - report["costOfSales"]["value"]
        assert report["grossProfit"] == pytest.approx(gross, abs=0.01)
        operating = report["grossProfit"] - report["expenses"]["value"]
        assert report["netOperatingProfit"] == pytest.approx(operating, abs=0.01)
    dates = [report["fromDate"] for report in answer["reports"]]
    assert dates == sorted(dates, reverse=True)
    assert not dates[0].endswith("Z")


def test_longer_periods_sum_the_same_months(codat: Codat, company_id: str) -> None:
    path = f"/companies/{company_id}/data/financials/profitAndLoss"
    months = codat.get(path, periodLength=1, periodsToCompare=12)["reports"]
    years = codat.get(path, periodLength=12, periodsToCompare=1)["reports"]
    total = sum(month["income"]["value"] for month in months)
    assert years[0]["income"]["value"] == pytest.approx(total, abs=0.1)


def test_balance_sheet_balances(codat: Codat, company_id: str) -> None:
    path = f"/companies/{company_id}/data/financials/balanceSheet"
    for report in codat.get(path, periodLength=1, periodsToCompare=3)["reports"]:
        net = report["assets"]["value"] - report["liabilities"]["value"]
        assert report["netAssets"] == pytest.approx(net, abs=0.01)
        assert report["equity"]["value"] == report["netAssets"]


@pytest.mark.parametrize("params", [{}, {"periodLength": 0, "periodsToCompare": 1}])
def test_figures_need_their_periods(codat: Codat, company_id: str, params: dict) -> None:
    path = f"/companies/{company_id}/data/financials/profitAndLoss"
    assert codat.call("GET", path, params=params).status_code == 400


@pytest.mark.parametrize("name", [*LISTS, "financials/balanceSheet", "financials/profitAndLoss"])
def test_what_was_not_read_is_a_conflict(codat: Codat, name: str) -> None:
    codat.control("/settings", {"fetch_on_first_link": False})
    company_id, _ = codat.linked()
    params = {"periodLength": 1, "periodsToCompare": 1}
    answer = codat.call("GET", f"/companies/{company_id}/data/{name}", params=params)
    assert answer.status_code == 409


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_paged_filtered_and_found_one_by_one(
    codat: Codat, company_id: str, name: str
) -> None:
    path = f"/companies/{company_id}/data/{name}"
    page = codat.get(path, query="metadata.isDeleted!=true")
    assert page["results"]
    assert not any(row["metadata"]["isDeleted"] for row in page["results"])
    if name != "accounts":
        for row in page["results"]:
            assert codat.get(f"{path}/{quote(row['id'], safe='')}")["id"] == row["id"]
        assert codat.call("GET", f"{path}/unknown").status_code == 404


def test_some_ids_hold_a_slash(codat: Codat, company_id: str) -> None:
    rows = codat.get(f"/companies/{company_id}/data/suppliers")["results"]
    assert any("/" in row["id"] for row in rows)


def test_bank_accounts_are_found_as_the_guide_says(codat: Codat, company_id: str) -> None:
    query = "metadata.isDeleted=false&&isBankAccount=true"
    path = f"/companies/{company_id}/data/accounts"
    banks = codat.get(path, query=query)["results"]
    cards = codat.get(path, query=f"{query}&&type=liability")["results"]
    assert {row["type"] for row in banks} == {"Asset", "Liability"}
    assert {row["type"] for row in cards} == {"Liability"}


def test_the_expense_connection_is_born_linked_and_only_beside_a_ledger(
    codat: Codat, company_id: str
) -> None:
    path = "/companies/{}/sync/expenses/connections/partnerExpense"
    made = codat.call("POST", path.format(company_id)).json()
    assert (made["status"], made["sourceType"]) == ("Linked", "Expense")
    lonely = codat.company()["id"]
    assert codat.call("POST", path.format(lonely)).status_code == 400


def test_the_expense_configuration_is_kept(codat: Codat, company_id: str) -> None:
    path = f"/companies/{company_id}/sync/expenses/config"
    assert codat.call("GET", path).status_code == 404
    body = {"bankAccount": {"id": "acc-1200"}, "supplier": {"id": "0001"}}
    assert codat.call("POST", path, json=body).status_code == 400
    body["customer"] = {"id": "0001"}
    assert codat.call("POST", path, json=body).json() == body
    assert codat.get(path) == body


def test_mapping_options_leave_out_what_was_not_read(codat: Codat, company_id: str) -> None:
    path = "/companies/{}/sync/expenses/mappingOptions"
    options = codat.get(path.format(company_id))
    assert any(account["isBankAccount"] for account in options["accounts"])
    assert options["trackingCategories"]
    assert options["taxRates"]
    assert "accounts" not in codat.get(path.format(codat.company()["id"]))


def test_files_are_kept_and_come_back_in_one_archive(codat: Codat) -> None:
    company_id, connection_id = codat.linked("flup")
    path = f"/companies/{company_id}/connections/{connection_id}/files"
    answer = codat.call("POST", path, files={"file": ("books.csv", b"a,b", "text/csv")})
    assert (answer.status_code, answer.content) == (200, b"")
    listed = codat.get(f"/companies/{company_id}/files")
    assert [file["fileName"] for file in listed] == ["books.csv"]
    archive = codat.call("GET", f"/companies/{company_id}/files/download")
    assert archive.headers["Content-Type"] == "application/octet-stream"
    with zipfile.ZipFile(io.BytesIO(archive.content)) as folder:
        (name,) = folder.namelist()
        assert folder.read(name) == b"a,b"
        assert name.startswith("Business documents file upload/")
    day = {"date": "2001-01-01"}
    none = codat.call("GET", f"/companies/{company_id}/files/download", params=day)
    with zipfile.ZipFile(io.BytesIO(none.content)) as folder:
        assert folder.namelist() == []


def test_files_outside_the_rules_are_refused(codat: Codat) -> None:
    company_id, connection_id = codat.linked("flup")
    path = f"/companies/{company_id}/connections/{connection_id}/files"
    for name, content in (("run.exe", b"x"), ("big.pdf", b"x" * (10 * 1024 * 1024 + 1))):
        assert codat.call("POST", path, files={"file": (name, content)}).status_code == 400
    many = [("file", (f"{number}.csv", b"x")) for number in range(21)]
    assert codat.call("POST", path, files=many).status_code == 400
