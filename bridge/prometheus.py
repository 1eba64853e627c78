"""The metrics for a Prometheus on this machine, as text over HTTP. Off unless asked for.

Only GET, only on 127.0.0.1, only for who calls it by that name: a web page that has its own name
resolve to this machine (DNS rebinding) is refused, and any other page can call but not read.
Nothing can be changed here.
"""

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer

from bridge.errors import ListenError

PATIENCE_SECONDS = 2.0
"""A client that does not get to the point is hung up on; others wait meanwhile."""


def exposition(values: Mapping[str, float]) -> str:
    """Return the numbers in Prometheus' text format 0.0.4."""
    lines, described = [], set()
    for name, value in sorted(values.items()):
        family = name.removesuffix("_sum").removesuffix("_count")
        kind = "counter" if name.endswith("_total") else "gauge" if family == name else "summary"
        if family not in described:
            described.add(family)
            lines.append(f"# TYPE ditto_{family} {kind}\n")
        # Not as `g`, which would round bytes to six digits.
        lines.append(f"ditto_{name} {value:.15g}\n")
    return "".join(lines)


class Exporter:
    """Serves the numbers published last. `publish` belongs to any one thread."""

    def __init__(self, port: int) -> None:
        self._text = ""
        try:
            self._server = HTTPServer(("127.0.0.1", port), self._handler())
        except OSError as error:
            raise ListenError(
                f"Port {port} cannot be used for metrics: {error.strerror}. Choose another one."
            ) from error
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """Where to ask."""
        return f"http://127.0.0.1:{self.port}/metrics"

    def publish(self, values: Mapping[str, float]) -> None:
        """Serve these from now on."""
        self._text = exposition(values)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        exporter = self

        class Handler(BaseHTTPRequestHandler):
            timeout = PATIENCE_SECONDS

            def do_GET(self) -> None:
                """Answer."""
                names = (f"127.0.0.1:{exporter.port}", f"localhost:{exporter.port}")
                if self.headers.get("Host") not in names:
                    self.send_error(403)
                elif self.path != "/metrics":
                    self.send_error(404)
                else:
                    self._send(exporter._text.encode())

            def log_message(self, format: str, *arguments: object) -> None:
                """Say nothing: there is nothing of interest in it."""

            def _send(self, body: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("X-Content-Type-Options", "nosniff")
                self.send_header("Cross-Origin-Resource-Policy", "same-origin")
                self.end_headers()
                self.wfile.write(body)

        return Handler
