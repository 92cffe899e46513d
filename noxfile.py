"""Run the tests under every supported Python that this machine has: `make test-all`."""

import nox

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False


@nox.session(python=["3.11", "3.12", "3.13"])
def tests(session: nox.Session) -> None:
    """Install the project with what its tests need, then run them."""
    session.run("python", "-m", "pip", "install", "-qq", "--upgrade", "pip>=25.1")
    session.run("python", "-m", "pip", "install", "-qq", "--editable", ".", "--group", "dev")
    session.run("python", "-m", "pytest", "-q", *session.posargs)
