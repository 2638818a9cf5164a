"""The program of each Python environment, as bootstrap.ts is of a Node.js environment: it loads the handler, then runs
invocations from Lambda's Runtime API until the host ends."""

import importlib
import json
import os
import socket
import sys
import traceback

ADDRESS, _, ENVIRONMENT = os.environ["AWS_LAMBDA_RUNTIME_API"].partition("/")
BASE = f"/{ENVIRONMENT}/2018-06-01/runtime"


class RuntimeClient:
    """The host replies to a report together with the reply to the next poll, so requests are pipelined."""

    def __init__(self):
        host, _, port = ADDRESS.partition(":")
        self.socket = socket.create_connection((host, int(port)))
        self.replies = self.socket.makefile("rb")

    def send(self, method, path, body=b""):
        head = f"{method} {BASE}{path} HTTP/1.1\r\nhost: {ADDRESS}\r\ncontent-length: {len(body)}\r\n\r\n"
        self.socket.sendall(head.encode() + body)

    def receive(self):
        """Returns the headers, with lowercase names, and the body of the next reply. Exits if the host has ended."""
        if not self.replies.readline():
            sys.exit(0)
        headers = {}
        for line in iter(self.replies.readline, b"\r\n"):
            name, _, value = line.decode("latin-1").strip().partition(": ")
            headers[name] = value
        return headers, self.replies.read(int(headers.get("content-length", "0")))


def report_of(error):
    lines = traceback.format_exception(error)
    print("".join(lines), file=sys.stderr, flush=True)
    report = {"errorType": type(error).__name__, "errorMessage": str(error), "stackTrace": lines}
    return json.dumps(report).encode()


def load_handler():
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    return getattr(importlib.import_module(module.replace("/", ".")), name)


def run(handler, request_id, event):
    """Returns the path and the body of an invocation's report."""
    try:
        return f"/invocation/{request_id}/response", json.dumps(handler(json.loads(event), None)).encode()
    except Exception as error:
        return f"/invocation/{request_id}/error", report_of(error)


def main():
    client = RuntimeClient()
    try:
        handler = load_handler()
    except Exception as error:
        client.send("POST", "/init/error", report_of(error))
        client.receive()
        sys.exit(1)
    client.send("GET", "/invocation/next")
    while True:
        headers, event = client.receive()
        path, body = run(handler, headers["lambda-runtime-aws-request-id"], event)
        client.send("POST", path, body)
        client.send("GET", "/invocation/next")
        client.receive()


main()
