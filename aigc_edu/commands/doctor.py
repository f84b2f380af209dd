"""``aigc-edu doctor``: what this machine has, and what would go wrong."""

import json
import sys

import click

from aigc_edu.doctor import as_json, as_text, examine


@click.command()
@click.option("--json", "machine", is_flag=True, help="For programs: a list of objects.")
def command(machine: bool) -> None:
    """Say what this machine has and what would go wrong (exit code 1 if lessons cannot run)."""
    findings = examine()
    click.echo(json.dumps(as_json(findings), indent=2) if machine else as_text(findings))
    if any(finding.status == "fail" for finding in findings):
        sys.exit(1)
