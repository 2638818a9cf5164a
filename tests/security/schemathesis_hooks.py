"""Tells schemathesis how to send NDJSON: as the text that it generates, unchanged."""

import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def serialize_ndjson(ctx, value):
    return (value if isinstance(value, str) else json.dumps(value)).encode("utf-8", "surrogatepass")
