"""The logs of daemon and workers: JSON lines, with job ids and without prompts or audio."""

import json
import logging
import logging.handlers
import time
from pathlib import Path

FILE_BYTES = 10 * 2**20
FILES_KEPT = 5
STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}


class JsonLines(logging.Formatter):
    """One JSON object per record, `extra` fields included."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {
            "time": f"{stamp}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "event": record.getMessage(),
            **{k: v for k, v in record.__dict__.items() if k not in STANDARD},
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def log_to(file: Path) -> None:
    """Send this process's log to the file; old ones are kept beside it for a while."""
    handler = logging.handlers.RotatingFileHandler(
        file, maxBytes=FILE_BYTES, backupCount=FILES_KEPT
    )
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.INFO)
    # On a full disk each line that cannot be written would be told on stderr, with a traceback.
    logging.raiseExceptions = False


def keep_short(file: Path) -> None:
    """Put a log away that has grown long, in place of the one that was put away before."""
    if file.exists() and file.stat().st_size > FILE_BYTES:
        file.replace(file.with_name(f"{file.name}.1"))
