"""Servers that hear one line from each who calls, and say something back."""

import socketserver
import threading
from contextlib import ExitStack


def says(stack: ExitStack, reply: bytes | None) -> int:
    """Start a server that says `reply`, or for None nothing at all, and return its port."""
    is_over = threading.Event()

    class Hearing(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.rfile.readline()
            if reply is None:
                is_over.wait()
            else:
                self.wfile.write(reply)

    server = stack.enter_context(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Hearing))
    thread = threading.Thread(target=server.serve_forever, args=(0.002,))
    thread.start()
    stack.callback(thread.join)
    stack.callback(server.shutdown)
    stack.callback(is_over.set)
    return int(server.server_address[1])
