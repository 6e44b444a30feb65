"""An app of the tests alone, for its one command: `flush`, in place of Django's own."""
