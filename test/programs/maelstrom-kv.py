#!/usr/bin/env python3
"""A single node that speaks Maelstrom's lin-kv protocol, in Python and with nothing but its standard library."""

import json
import os
import sys

PATH = os.path.join(os.environ["STALEMATE_DATA"], "values.json")
values = {}
node = None


def load():
    """What an earlier life has kept."""
    if os.path.exists(PATH):
        with open(PATH, encoding="utf-8") as file:
            for line in file:
                key, value = json.loads(line)
                values[key] = value


def keep(key, value):
    values[key] = value
    with open(PATH, "a", encoding="utf-8") as file:
        file.write(json.dumps([key, value]) + "\n")


def answer(body):
    key = body.get("key")
    if body["type"] == "read":
        if key not in values:
            return {"type": "error", "code": 20, "text": "no such key"}
        return {"type": "read_ok", "value": values[key]}
    if body["type"] == "write":
        keep(key, body["value"])
        return {"type": "write_ok"}
    if body["type"] == "cas":
        if key not in values and not body.get("create_if_not_exists"):
            return {"type": "error", "code": 20, "text": "no such key"}
        if key in values and values[key] != body["from"]:
            return {"type": "error", "code": 22, "text": f"it is {values[key]}"}
        keep(key, body["to"])
        return {"type": "cas_ok"}
    return {"type": "error", "code": 10, "text": f"no {body['type']} here"}


load()
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node = body["node_id"]
        print(f"{node} knows {len(values)} keys", file=sys.stderr, flush=True)
        reply = {"type": "init_ok"}
    else:
        reply = answer(body)
    reply["in_reply_to"] = body["msg_id"]
    print(json.dumps({"src": node, "dest": message["src"], "body": reply}), flush=True)
