"""Exceptions as a line for each reason on stderr and an exit status; only here.

0    done                     2    the command line itself cannot be understood
1    refused or failed        130  stopped by Ctrl-C
"""

import os
import sys
import traceback
from pathlib import Path

import click

from bridge.errors import BridgeError
from bridge.formats.problems import ProblemsError
from bridge.paths import locate
from plugin_protocol.errors import ClientError


class RefusedError(BridgeError):
    """A request that cannot be carried out. The message is for the user."""


class StoppedError(Exception):
    """Ctrl-C. The message says what became of the job."""


def report(error: BaseException) -> int:
    """Print what went wrong as one line and return the exit status."""
    match error:
        case SystemExit():
            return error.code if isinstance(error.code, int) else 1
        case click.exceptions.Exit():
            return error.exit_code
        case click.exceptions.NoArgsIsHelpError():
            click.echo(error.format_message(), err=True)
            return 2
        case BrokenPipeError():
            return _reader_has_left()
        case StoppedError():
            return _say(str(error), 130)
        case KeyboardInterrupt() | click.Abort():
            return _say("Stopped; nothing was written.", 130)
        case click.ClickException():
            return _say(_usage(error), 2)
        case ProblemsError():
            return [_say(sentence, 1) for sentence in error.sentences][-1]
        case _:
            return _say(sentence_of(error), 1)


def sentence_of(error: BaseException) -> str:
    """Return what is said to the user; what nobody meant to raise goes into a log."""
    if isinstance(error, ProblemsError):
        return " ".join(error.sentences)
    return str(error) if isinstance(error, BridgeError | ClientError) else _our_bug(error)


def _say(sentence: str, status: int) -> int:
    click.echo("ditto: " + " ".join(sentence.split()), err=True)
    return status


def _reader_has_left() -> int:
    # `ditto status | head -1`: nothing is wrong, but Python would write again as it exits.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return 1


def _usage(error: click.ClickException) -> str:
    if isinstance(error, click.BadParameter) and error.message.startswith("--"):
        return error.message
    sentence = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "ditto"
    return f"{sentence}. `{path} --help` shows what is possible."


def _our_bug(error: BaseException) -> str:
    kind = type(error).__name__
    try:
        log = _write_log(error)
    except OSError:
        return f"This is a bug in ditto ({kind}: {error}), and its log could not be written."
    return f"This is a bug in ditto ({kind}). Please report it with the file {log}."


def _write_log(error: BaseException) -> Path:
    log = locate().logs / "command-line.log"
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write(f"{sys.argv}\n{''.join(traceback.format_exception(error))}\n")
    return log
