"""Bring files: resolve -> preflight -> plan -> download -> ingest -> record -> result."""
