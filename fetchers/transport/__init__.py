"""The network: requests, downloads, credentials, retries. The only package that connects."""
