"""`ditto doctor`: what may keep DITTO from working here, and what to do about it."""

import sys
from typing import TYPE_CHECKING

import click

from bridge.cli.as_json import as_json_option, print_json

if TYPE_CHECKING:
    from bridge.doctor import Finding

MARKS = {"fine": "ok", "doubtful": "??", "wrong": "!!"}


@click.command()
@as_json_option
def doctor(as_json: bool) -> None:
    """Look for what may keep DITTO from working here. Exit status 1 if anything is wrong."""
    from dataclasses import asdict

    from bridge.doctor import examine
    from bridge.guard import check_platform
    from bridge.paths import locate

    check_platform()
    findings = []
    for finding in examine(locate()):
        findings.append(finding)
        if not as_json:
            tell(finding)
    if as_json:
        print_json([asdict(finding) for finding in findings])
    if any(finding.verdict == "wrong" for finding in findings):
        sys.exit(1)


def tell(finding: "Finding") -> None:
    """Print what was found, and what to do where it is not fine."""
    click.echo(f"{MARKS[finding.verdict]}  {finding.subject:20} {finding.told}")
    if finding.remedy and finding.verdict != "fine":
        click.echo(f"{'':24}-> {finding.remedy}")
