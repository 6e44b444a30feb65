"""What Codat's documents leave open, and what this imitation does about it.

Each constant is a guess with its reason. When the real service is seen to differ, change it here.
Where several answers are possible the more awkward one is chosen, so that the portal is ready.
"""

# How soon Codat begins to read after a connection becomes Linked: not documented. A second leaves
# time to see “linked, nothing requested yet”.
FIRST_FETCH_DELAY_SECONDS = 1.0

# Duration of a read when the command line says nothing: Codat names no figures. Short enough to
# watch, long enough to see the progress pages.
DATASET_SECONDS = (2.0, 20.0)

# A read of an online platform leaves Queued “almost at once”.
QUEUED_SECONDS = 0.3

# Whether each read of a connection carries a new one-time password is documented for bank feeds
# only. Issuing a new one each time is what the portal must be able to live with.
FRESH_OTP_ON_EACH_READ = True

# How many unused passwords of one connection stay valid together: not documented. Polling must not
# fill the memory.
OTPS_KEPT_PER_CONNECTION = 40

# `linkUrl` inside a company (get, list) and in webhooks carries no password: samples show none.
OTP_INSIDE_COMPANIES = False

# Documented: one day, single use.
OTP_SECONDS = 24 * 3600

# Creating a connection with an unknown platform key: the schema lists 404 and no 400.
UNKNOWN_PLATFORM_STATUS = 404

# A second accounting connection while one is Linked, and unlinking what is not Linked: the answer
# is not documented; a refusal is the harder one for the caller.
SECOND_ACCOUNTING_STATUS = 400
UNLINK_NOT_LINKED_STATUS = 400

# Queueing a data type that is being read: the text is documented, the status is not.
ALREADY_QUEUED_STATUS = 409

# The schema says that null or absent `tags` in an update leave them alone, the guides say that a
# null or empty object clears them. The guides describe what was seen, so they win.
EMPTY_TAGS_CLEAR = True

# The expense configuration before anything was set.
NO_EXPENSE_CONFIGURATION_STATUS = 404

# The name pattern is ASCII only, the guides say “letters”: accented letters are removed.
NAME_KEEPS_ACCENTS = False

# Documented: answers are replayed for 90 minutes.
IDEMPOTENCY_SECONDS = 90 * 60

# `X-Rate-Limit-Reset` is “a date”: ISO 8601 is the other dates' form.
RATE_LIMIT_RESET_FORMAT = "%Y-%m-%dT%H:%M:%SZ"

# How long a request under the fault `timeout` is held: longer than any sensible client waits.
TIMEOUT_FAULT_SECONDS = 120.0

# A first linking is followed by a fetch (documented); whether a relink is, is not. The portal must
# then queue what it needs itself.
FETCH_ON_RELINK = False

# Deleting a company “removes its connections”: whether each is announced is not said.
ANNOUNCE_CONNECTIONS_OF_DELETED_COMPANY = False

# QuickBooks Desktop's window is 19:00 to 07:00 “in the customer's time zone”, on days that the
# documents do not agree about. Here: UTC, every day.
NIGHT_WINDOW_HOURS = (19, 7)

# `connectionInfo` is published as an object of anything, in webhooks as one of texts. The guides
# say which troubles of QuickBooks Desktop it shows, but not under which name or in which words.
CONNECTOR_TROUBLE_NAME = "webConnectorError"
CONNECTOR_TROUBLE_WORDS = {
    "auto_run_off": "Auto-Run is switched off in the Web Connector.",
    "other_file_open": "Another company file is open in QuickBooks Desktop.",
    "other_machine": "The company file is open on another computer.",
}

# A read that ends in AuthError means “authorisation gone”: the connection follows.
AUTH_ERROR_DEAUTHORIZES = True

# Files hang on a connection of an upload integration, whose keys are not published: any linked one
# is taken.
FILES_ON_ANY_LINKED_CONNECTION = True

# A partner expense connection is to be made “only after the accounting connection is Linked”.
PARTNER_EXPENSE_WITHOUT_ACCOUNTING_STATUS = 400

# More webhook consumers than the documented 50.
TOO_MANY_CONSUMERS_STATUS = 400

# A customer who authorises a connection that is Linked already: return code 201 is described as
# “finished, but nothing about a connection to report”.
ALREADY_LINKED_RETURN = 201

# With `shuffle` each delivery is held back by up to this many seconds, at random.
SHUFFLE_SECONDS = 3.0

# Idle tokens lapse after 60 to 100 days, depending on the platform (documented as a range).
IDLE_TOKEN_DAYS = (60, 100)

# Default schedule of new instances: the expenses guide asks for daily.
SYNC_SCHEDULE_HOURS = 24

# Fetched on first link. The expenses and the financial figures need these; trackingCategories is
# left to the settings so that a first fetch is eight data sets.
FETCH_ON_FIRST_LINK = frozenset(
    {
        "company",
        "chartOfAccounts",
        "bankAccounts",
        "customers",
        "suppliers",
        "taxRates",
        "profitAndLoss",
        "balanceSheet",
        "banking-accounts",
        "banking-accountBalances",
        "banking-transactions",
        "commerce-companyInfo",
        "commerce-customers",
        "commerce-orders",
        "commerce-payments",
        "commerce-products",
    }
)
