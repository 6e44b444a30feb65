"""The platforms that the imitated Codat offers, and what makes each one special.

Keys and remarks come from Codat's integration pages. Ids of integrations and sources are made up
here, stable over time: the real ones are not published as a table.
"""

import uuid
from dataclasses import dataclass

_NAMESPACE = uuid.UUID("7a8f0c0e-52c4-4f2a-9b1d-3f1f8e6c2a10")

ACCOUNTING = [
    "company",
    "chartOfAccounts",
    "bankAccounts",
    "customers",
    "suppliers",
    "taxRates",
    "trackingCategories",
    "profitAndLoss",
    "balanceSheet",
    "invoices",
    "bills",
    "payments",
    "items",
    "journalEntries",
]
BANKING = ["banking-accounts", "banking-accountBalances", "banking-transactions"]
COMMERCE = [
    "commerce-companyInfo",
    "commerce-customers",
    "commerce-orders",
    "commerce-payments",
    "commerce-products",
    "commerce-transactions",
    "commerce-locations",
]
DATA_TYPES = [
    "accountTransactions",
    "balanceSheet",
    "bankAccounts",
    "bankTransactions",
    "billCreditNotes",
    "billPayments",
    "bills",
    "cashFlowStatement",
    "chartOfAccounts",
    "company",
    "creditNotes",
    "customers",
    "directCosts",
    "directIncomes",
    "invoices",
    "itemReceipts",
    "items",
    "journalEntries",
    "journals",
    "paymentMethods",
    "payments",
    "profitAndLoss",
    "purchaseOrders",
    "salesOrders",
    "suppliers",
    "taxRates",
    "trackingCategories",
    "transfers",
    "banking-accountBalances",
    "banking-accounts",
    "banking-transactionCategories",
    "banking-transactions",
    "commerce-companyInfo",
    "commerce-customers",
    "commerce-disputes",
    "commerce-locations",
    "commerce-orders",
    "commerce-paymentMethods",
    "commerce-payments",
    "commerce-productCategories",
    "commerce-products",
    "commerce-taxComponents",
    "commerce-transactions",
]


@dataclass(frozen=True)
class Platform:
    key: str
    name: str
    source_type: str = "Accounting"
    enabled: bool = True
    is_offline: bool = False
    is_beta: bool = False
    is_test: bool = False
    # Removes itself after the first read; the connection is Deauthorized then.
    one_time: bool = False
    # What the customer types into desktop software: "licence key", "password" or nothing.
    desktop_secret: str = ""
    # Reads only inside the night window that its users choose.
    night_window: bool = False
    # The platform's company details carry no name.
    names_company: bool = True
    # Banks behind one key, each with its own source id.
    banks: tuple[str, ...] = ()
    # Listed as readable, but each read ends in NotSupported.
    refuses: tuple[str, ...] = ()
    # Needs the platform's own branded button.
    branded_button: bool = False
    colour: str = "#455a64"

    @property
    def integration_id(self) -> str:
        return str(uuid.uuid5(_NAMESPACE, f"integration:{self.key}"))

    @property
    def source_id(self) -> str:
        return self.source_id_of(self.banks[0]) if self.banks else self.source_id_of("")

    def source_id_of(self, bank: str) -> str:
        return str(uuid.uuid5(_NAMESPACE, f"source:{self.key}:{bank}"))

    @property
    def data_types(self) -> list[str]:
        if self.key == "mqjo":
            return [name for name in DATA_TYPES if not name.startswith(("banking-", "commerce-"))]
        return {"Accounting": ACCOUNTING, "Banking": BANKING, "Commerce": COMMERCE}.get(
            self.source_type, []
        )


_BANKS = ("Fern Bank", "Gull & Tide Bank", "Old Quay Building Society")

PLATFORMS: dict[str, Platform] = {
    platform.key: platform
    for platform in (
        Platform("gbol", "Xero", colour="#1c7c8c"),
        Platform("qhyg", "QuickBooks Online", branded_button=True, colour="#2f7d32"),
        Platform("tgff", "Sage Accounting", colour="#00695c"),
        Platform("fbrh", "FreeAgent", refuses=("trackingCategories",), colour="#1565a0"),
        Platform("trji", "Dynamics 365 Business Central", colour="#37517e"),
        Platform("rqwd", "Dynamics 365 Finance & Operations", enabled=False, colour="#37517e"),
        Platform("qudb", "Exact (Netherlands)", colour="#9c2b2b"),
        Platform("pbbf", "Exact (UK)", colour="#9c2b2b"),
        Platform("vxvy", "FreshBooks", colour="#0f6ab4"),
        Platform("pdvj", "MYOB Business", colour="#6a1b9a"),
        Platform("akxx", "Oracle NetSuite", colour="#3c4f60"),
        Platform(
            "pqsw",
            "QuickBooks Desktop",
            is_offline=True,
            desktop_secret="password",  # noqa: S106 - names the kind of secret
            night_window=True,
            branded_button=True,
            colour="#2f7d32",
        ),
        Platform("ndsk", "QuickBooks Online Sandbox", is_test=True, colour="#558b2f"),
        Platform("jcrp", "Sage 200 Standard", colour="#00695c"),
        Platform(
            "hbql",
            "Sage 50 (UK)",
            is_offline=True,
            desktop_secret="licence key",  # noqa: S106 - names the kind of secret
            colour="#00695c",
        ),
        Platform("knfz", "Sage Intacct", one_time=True, colour="#00695c"),
        Platform("mqjo", "Codat Sandbox", is_test=True, colour="#5b4bb5"),
        Platform("pbtz", "Wave", names_company=False, colour="#1e5aa8"),
        Platform("rvam", "Workday", enabled=False, colour="#7a4b00"),
        Platform("rwuv", "Zoho Books", colour="#a33b20"),
        Platform("suuo", "Plaid", "Banking", colour="#263238"),
        Platform("upvr", "TrueLayer", "Banking", banks=_BANKS, colour="#3949ab"),
        Platform("qkdj", "Amazon Seller Central", "Commerce", colour="#8a5a00"),
        Platform("vqzp", "BigCommerce", "Commerce", colour="#34495e"),
        Platform("fqly", "Clover", "Commerce", colour="#2e7d32"),
        Platform("aiwb", "Commerce Sandbox", "Commerce", is_test=True, colour="#5b4bb5"),
        Platform("ldgh", "Lightspeed K", "Commerce", enabled=False, colour="#b71c1c"),
        Platform(
            "lrhd",
            "Lightspeed K Sandbox",
            "Commerce",
            enabled=False,
            is_test=True,
            colour="#b71c1c",
        ),
        Platform(
            "ltes", "Lightspeed K Trial", "Commerce", enabled=False, is_test=True, colour="#b71c1c"
        ),
        Platform("lqai", "Partner Commerce", "Commerce", enabled=False, colour="#5d4037"),
        Platform("fztf", "Shopify", "Commerce", colour="#4a7c2a"),
        Platform("zsth", "Square", "Commerce", colour="#37474f"),
        Platform("xcwv", "Square Sandbox", "Commerce", is_test=True, colour="#37474f"),
        Platform("exgd", "Stripe", "Commerce", colour="#4f46b8"),
        Platform("yzth", "Stripe Test", "Commerce", is_test=True, colour="#4f46b8"),
        Platform("ltpp", "WooCommerce", "Commerce", names_company=False, colour="#6d4c8d"),
        Platform("ugxp", "Zettle", "Commerce", colour="#00838f"),
        # Keys of these three are not published; these are made up.
        Platform("bksb", "Banking Sandbox", "Banking", is_test=True, colour="#5b4bb5"),
        Platform("flup", "Business documents file upload", "Other", colour="#546e7a"),
        Platform("pexp", "Partner Expense", "Expense", enabled=False, colour="#546e7a"),
    )
}

# Words of the API before the four-letter keys.
LEGACY_KEYS = {
    "xero": "gbol",
    "quickbooksonline": "qhyg",
    "qbo": "qhyg",
    "sage50": "hbql",
    "quickbooksdesktop": "pqsw",
    "freeagent": "fbrh",
    "netsuite": "akxx",
    "sandbox": "mqjo",
}
