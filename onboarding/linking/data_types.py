"""What is read, in a customer's words."""

from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

_WORDS = {
    "company": _("Business details"),
    "commerce-companyInfo": _("Business details"),
    "chartOfAccounts": _("Your list of accounts"),
    "invoices": _("Invoices you send"),
    "bills": _("Bills you get"),
    "payments": _("Payments in"),
    "billPayments": _("Payments out"),
    "customers": _("Customers"),
    "commerce-customers": _("Customers"),
    "suppliers": _("Suppliers"),
    "bankAccounts": _("Bank accounts"),
    "bankTransactions": _("Bank movements"),
    "accountTransactions": _("Movements on your accounts"),
    "banking-accounts": _("Bank accounts"),
    "banking-accountBalances": _("Bank balances"),
    "banking-transactions": _("Bank movements"),
    "banking-transactionCategories": _("Kinds of bank movements"),
    "profitAndLoss": _("Profit and loss"),
    "balanceSheet": _("Balance sheet"),
    "cashFlowStatement": _("Cash flow"),
    "taxRates": _("Taxes"),
    "commerce-taxComponents": _("Taxes"),
    "commerce-orders": _("Orders"),
    "salesOrders": _("Orders"),
    "purchaseOrders": _("Purchase orders"),
    "creditNotes": _("Refunds to customers"),
    "billCreditNotes": _("Refunds from suppliers"),
    "commerce-payments": _("Payments in"),
    "commerce-paymentMethods": _("Ways customers pay"),
    "paymentMethods": _("Ways of paying"),
    "commerce-transactions": _("Payouts"),
    "commerce-disputes": _("Disputes"),
    "commerce-locations": _("Shops and places"),
    "commerce-products": _("Products and prices"),
    "commerce-productCategories": _("Kinds of products"),
    "items": _("Products and prices"),
    "itemReceipts": _("Goods received"),
    "journals": _("Journals"),
    "journalEntries": _("Journal entries"),
    "directCosts": _("Costs paid at once"),
    "directIncomes": _("Income received at once"),
    "trackingCategories": _("Your own categories"),
    "transfers": _("Transfers between accounts"),
}


def customer_words(data_type: str) -> str:
    """The name of a data type as an owner would say it; an unknown one keeps its own name."""
    if data_type in _WORDS:
        return str(_WORDS[data_type])
    return gettext("Other information: %(name)s") % {"name": data_type}


def choices() -> list[tuple[str, str]]:
    """Every data type we have words for, with Codat's name, for staff to choose from."""
    named = "{} <code>({})</code>"
    found = [(name, format_html(named, words, name)) for name, words in _WORDS.items()]
    return sorted(found, key=_by_words)


def _by_words(choice: tuple[str, str]) -> str:
    return choice[1].casefold()
