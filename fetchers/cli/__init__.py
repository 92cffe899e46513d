"""The command line. The only package that prints and asks.

One line each:

front          one command line -> one exit status; errors become sentences here
menu           which verbs there are; nothing of a verb is loaded before it is typed
verb           what every verb can do: global options after it, FETCH_<OPTION>, config.toml
globals        the options that may stand before or after the verb
circumstances  options, environment, configuration -> the `Context` in which a verb runs
commands/      the flags of each verb, and the call
pages/         what a verb found out -> lines for a person
answer         a result -> one JSON document, or its page
progress       bars
"""
