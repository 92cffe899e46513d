"""Which flags does each verb have? A module is loaded when one of its verbs is typed."""
