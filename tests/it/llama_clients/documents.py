"""What is extracted from what, and what must be seen in it."""

NOTE = b"Hollow Lane Freight left 14 crates at the north gate.\n"
# No member is required: what is missing shows.
NOTES = {
    "type": "object",
    "properties": {
        "carrier": {"type": "string", "description": "Who brought it"},
        "crates": {"type": "integer", "description": "How many were left"},
        "weight": {"type": "number"},
        "signed": {"type": "boolean"},
        "gate": {"type": "string"},
        "plants": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"species": {"type": "string"}, "count": {"type": "integer"}},
            },
        },
    },
}
ORDERS = {
    "type": "object",
    "properties": {"customer": {"type": "string"}, "total": {"type": "number"}},
    "required": ["customer", "total"],
}
ABSENT = "5d0c7e34-8a1b-4f26-9c53-2be7a9410d68"
JSON_TYPES = {"string": str, "number": (int, float), "boolean": bool, "array": list, "object": dict}


def is_of(value, type):
    if type == "integer":  # which clients whose models know floats alone show as such
        return isinstance(value, (int, float)) and value == int(value)
    return isinstance(value, JSON_TYPES[type])


def fits(data, schema):
    """The same data, once it was seen to be of the schema's form: no member but its own, each null or of its type."""
    assert isinstance(data, dict), data
    assert set(data) <= set(schema["properties"]), data
    assert set(schema.get("required", [])) <= set(data), data
    for name, value in data.items():
        if value is not None:
            part = schema["properties"][name]
            assert is_of(value, part["type"]), (name, value)
            for entry in value if part["type"] == "array" else []:
                fits(entry, part["items"])
    return data


def whole(data, schema):
    """The same data, once it was seen to fit and to leave nothing out."""
    fits(data, schema)
    missing = [name for name in schema["properties"] if data.get(name) is None]
    assert not missing, (missing, data)
    return data


def missing(data, schema):
    """The members that are not there, or null."""
    return [name for name in schema["properties"] if fits(data, schema).get(name) is None]
