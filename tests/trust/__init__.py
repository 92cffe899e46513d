"""Whom `fetch` trusts: nobody else's file is run, no link is followed."""
