"""Write the conformance vectors: `python tests/vectors/make.py`."""

import json
from pathlib import Path

import blobs
import daemon
import jobs
import malformed
import session
import tasks
from wire import MAJOR, MINOR

FOLDER = Path(__file__).parent / f"{MAJOR}.{MINOR}"


def main() -> None:
    """Write one file per topic, a case a line."""
    FOLDER.mkdir(exist_ok=True)
    names: set[str] = set()
    for topic in (session, blobs, jobs, tasks, malformed, daemon):
        cases = list(topic.cases())
        assert not (twice := names & {case["name"] for case in cases}), twice
        names |= {case["name"] for case in cases}
        lines = [json.dumps(case, ensure_ascii=False, allow_nan=False) for case in cases]
        assert len({case["name"] for case in cases}) == len(cases), topic
        file = FOLDER / f"{topic.__name__}.json"
        file.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    print(len(names), "cases")


if __name__ == "__main__":
    main()
