"""The version of this installation, as pip knows it."""

from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "ditto-daw"


def installed_version() -> str:
    """Return for example "0.0.1"; "uninstalled" when run from a checkout."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "uninstalled"
