"""The imitation of Link: one-time addresses, the platform's sign-in, the way back."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from .conftest import Codat, Portal, eventually


def sign_in(link_url: str, action: str = "allow", organisation: str = "own") -> str:
    """Walks the pages as a browser without script does; returns the address of the portal."""
    page = requests.get(link_url, timeout=10)
    assert '<button class="main" name="action" value="allow">Allow access</button>' in page.text
    assert re.search(r'<label for="organisation">Organisation</label>\s*<select', page.text)
    form = {"action": action, "organisation": organisation}
    back = requests.post(page.url, data=form, timeout=10, allow_redirects=False)
    assert back.status_code == 303
    leave = requests.get(back.headers["Location"], timeout=10, allow_redirects=False)
    assert leave.status_code == 303
    return leave.headers["Location"]


@pytest.fixture
def connection(codat: Codat) -> dict:
    return codat.connection(codat.company())


def test_sign_in_is_on_another_origin_than_link(connection: dict) -> None:
    page = requests.get(connection["linkUrl"], timeout=10)
    assert urlsplit(page.url).netloc != urlsplit(connection["linkUrl"]).netloc


@pytest.mark.parametrize(
    ("action", "code", "message", "status"),
    [
        ("allow", "200", "", "Linked"),
        ("cancel", "403", "User cancelled", "PendingAuth"),
        ("fail", "500", "Unknown error occurred", "PendingAuth"),
        ("not_supported", "501", "Not supported", "PendingAuth"),
    ],
)
def test_each_button_returns_to_the_portal_with_its_code(
    codat: Codat, portal: Portal, *, action: str, code: str, message: str, status: str
) -> None:
    company = codat.company()
    connection = codat.connection(company)
    url = urlsplit(sign_in(connection["linkUrl"] + "&state=a%2Fb", action))
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{portal.url}/link/return"
    assert parse_qs(url.query, keep_blank_values=True) == {
        "companyId": [company["id"]],
        "connectionId": [connection["id"]],
        "statusCode": [code],
        "errorMessage": [message],
        "state": ["a/b"],
    }
    now = codat.get(f"/companies/{company['id']}/connections/{connection['id']}")
    assert now["status"] == status
    assert [error["statusCode"] for error in now["dataConnectionErrors"]] == (
        [] if code == "200" else [code]
    )


def test_a_link_works_once(connection: dict) -> None:
    assert requests.get(connection["linkUrl"], timeout=10).ok
    second = requests.get(connection["linkUrl"], timeout=10)
    assert second.status_code == 410
    assert "has been used or has expired" in second.text


def test_a_look_by_head_uses_nothing_up(connection: dict) -> None:
    assert requests.head(connection["linkUrl"], timeout=10).ok
    assert requests.get(connection["linkUrl"], timeout=10).ok


def test_a_link_dies_after_a_day(codat: Codat, connection: dict) -> None:
    codat.control("/clock", {"advance_seconds": 24 * 3600 + 1})
    assert requests.get(connection["linkUrl"], timeout=10).status_code == 410


def test_each_read_gives_a_fresh_link(codat: Codat) -> None:
    company = codat.company()
    connection = codat.connection(company)
    again = codat.get(f"/companies/{company['id']}/connections/{connection['id']}")
    assert again["linkUrl"] != connection["linkUrl"]
    assert requests.get(connection["linkUrl"], timeout=10).ok
    assert requests.get(again["linkUrl"], timeout=10).ok


def test_a_second_press_changes_nothing_and_leads_to_the_same_return(
    codat: Codat, connection: dict
) -> None:
    page = requests.get(connection["linkUrl"], timeout=10).url
    first = requests.post(page, data={"action": "cancel"}, timeout=10, allow_redirects=False)
    second = requests.post(page, data={"action": "allow"}, timeout=10, allow_redirects=False)
    returns = [
        requests.get(answer.headers["Location"], timeout=10, allow_redirects=False)
        for answer in (first, second)
    ]
    assert returns[0].headers["Location"] == returns[1].headers["Location"]
    assert "statusCode=403" in returns[0].headers["Location"]


def test_the_first_organisation_is_the_companys_own(codat: Codat) -> None:
    company = codat.company("Harbour Bakes")
    sign_in(codat.connection(company)["linkUrl"])
    path = f"/companies/{company['id']}/data/info"
    info = eventually(lambda: (answer := codat.call("GET", path)).ok and answer.json())
    assert info["companyName"] == "Harbour Bakes"
    assert info["companyLegalName"] == "Harbour Bakes Ltd"
    assert info["registrationNumber"]
    assert info["addresses"][0]["city"]


def test_after_a_relink_the_old_details_are_answered_until_read_anew(codat: Codat) -> None:
    company_id, connection_id = codat.linked(name="Harbour Bakes")
    eventually(lambda: codat.read_done(company_id))
    codat.act(connection_id, "deauthorize")
    link = codat.get(f"/companies/{company_id}/connections/{connection_id}")["linkUrl"]
    sign_in(link, organisation="harbour-cafe")
    info = f"/companies/{company_id}/data/info"
    assert codat.get(info)["companyName"] == "Harbour Bakes"
    codat.call("POST", f"/companies/{company_id}/data/queue/company")
    eventually(lambda: codat.get(info)["companyName"] == "Harbour Cafe Ltd")


def test_the_redirect_template_is_filled_from_reserved_names_and_the_links_query(
    codat: Codat,
) -> None:
    template = (
        "http://127.0.0.1:9/{platform}?{sourceType}&n={data.company.companyName}&r={ref}&{no}"
    )
    codat.call("PUT", "/profile", json={"name": "Client", "redirectUrl": template})
    connection = codat.connection(codat.company("Harbour Bakes"))
    address = sign_in(connection["linkUrl"] + "&ref=a%26b&platform=mine")
    assert address == "http://127.0.0.1:9/gbol?accounting&n=Harbour%20Bakes&r=a%26b&"


def test_without_a_redirect_the_customer_stays_at_link(codat: Codat) -> None:
    codat.call("PUT", "/profile", json={"name": "Client", "redirectUrl": ""})
    page = requests.get(codat.connection(codat.company())["linkUrl"], timeout=10).url
    end = requests.post(page, data={"action": "allow"}, timeout=10)
    assert end.ok
    assert "Thank you" in end.text


def test_allowing_what_is_linked_already_reports_nothing_new(codat: Codat) -> None:
    company_id, connection_id = codat.linked()
    link = codat.get(f"/companies/{company_id}/connections/{connection_id}")["linkUrl"]
    assert "statusCode=201&" in sign_in(link)


def test_desktop_software_shows_its_installer_and_its_secret(codat: Codat) -> None:
    company = codat.company()
    page = requests.get(codat.connection(company, "hbql")["linkUrl"], timeout=10).text
    assert company["id"] in page, "the licence key is the company's id"
    installer = re.search(r'href="([^"]+/installer/hbql)"', page)
    assert installer
    answer = requests.get(installer[1], timeout=10)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    page = requests.get(codat.connection(company, "pqsw")["linkUrl"], timeout=10).text
    assert "enter this password" in page
    assert company["id"] not in page


def test_a_deleted_connection_ends_its_sign_in_kindly(codat: Codat) -> None:
    company = codat.company()
    connection = codat.connection(company)
    page = requests.get(connection["linkUrl"], timeout=10).url
    codat.call("DELETE", f"/companies/{company['id']}/connections/{connection['id']}")
    end = requests.post(page, data={"action": "allow"}, timeout=10)
    assert end.status_code == 404
    assert "<h1>" in end.text
