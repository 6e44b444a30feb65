"""An account manager at the desk, with a browser of their own."""

import re

from playwright.sync_api import Page, expect

from onboarding.demo.logins import PASSWORD

from .customer import Customer

EMAIL = "manager@example.com"
SENIOR = "senior@example.com"


class Manager:
    def __init__(self, page: Page) -> None:
        self.page = page

    def signs_in(self, email: str = EMAIL) -> None:
        self.page.goto("/accounts/login/")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.presses("Sign in")
        expect(self.page.get_by_role("navigation", name="Desk")).to_be_visible()

    def presses(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).first.click()

    def adds(self, customer: Customer) -> None:
        self.page.goto("/desk/companies/add/")
        self.page.get_by_label("Name of the business").fill(customer.business)
        self.page.get_by_label("E-mail address of the contact").fill(customer.email)
        self.presses("Add customer")
        self.opens(customer)

    def opens(self, customer: Customer) -> None:
        self.page.goto(f"/desk/companies/{customer.company['uid']}/")
        expect(self.page.get_by_role("heading", level=1, name=customer.business)).to_be_visible()

    def reads(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def opens_request_of(self, customer: Customer) -> None:
        """From the worklist, by the button in the customer's row."""
        self.page.goto("/desk/")
        row = self.page.get_by_role("row").filter(has_text=customer.business)
        row.get_by_role("link", name="Open request").click()
        expect(self.page.get_by_role("heading", level=1, name=customer.business)).to_be_visible()

    def finds_nothing_to_do_for(self, customer: Customer) -> None:
        self.page.goto("/desk/")
        expect(self.page.get_by_text(customer.business)).to_have_count(0)
