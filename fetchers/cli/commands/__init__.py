"""The options of each verb. A module is loaded when one of its verbs is typed."""
