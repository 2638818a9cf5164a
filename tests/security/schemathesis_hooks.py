"""What schemathesis does not know by itself: how NDJSON is sent. Its schema makes text, which goes out as it is."""

import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def serialize_ndjson(ctx, value):
    return (value if isinstance(value, str) else json.dumps(value)).encode("utf-8", "surrogatepass")
