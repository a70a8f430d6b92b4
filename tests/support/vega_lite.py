"""Vega-Lite v5 specifications: whether a dictionary is one, by the JSON schema that altair ships, and what it draws."""

import json
from functools import cache
from pathlib import Path

import pytest


def check(spec):
    """Fail with the place and the reason of the error that lies deepest, which is the one to mend."""
    errors = validator().iter_errors(json.loads(json.dumps(spec)))
    from jsonschema.exceptions import best_match

    error = best_match(errors)
    assert error is None, f"at {error.json_path}: {error.message:.300}"


@cache
def validator():
    """Read once in a test session: the schema has 1.8 MB."""
    altair = pytest.importorskip("altair", reason="altair, which ships the schema, is not installed")
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    file = Path(altair.__file__).parent / "vegalite" / "v5" / "schema" / "vega-lite-schema.json"
    return jsonschema.Draft7Validator(json.loads(file.read_text(encoding="utf-8")))


def layers(spec):
    """All of them, of all views."""
    if "layer" in spec:
        return spec["layer"]
    return [layer for view in spec.get("hconcat", []) + spec.get("vconcat", []) for layer in layers(view)]


def views(spec):
    """The plots of all views, however deep."""
    below = spec.get("hconcat", []) + spec.get("vconcat", [])
    return [view for each in below for view in views(each)] if below else [spec]


def values(spec, mark, **fields):
    """What the layers of this mark draw, as far as it has these fields."""
    found = [layer for layer in layers(spec) if layer["mark"]["type"] == mark and "data" in layer]
    all_values = [value for layer in found for value in layer["data"]["values"]]
    return [value for value in all_values if fields.items() <= value.items()]


def words(spec):
    return [value["text"] for value in values(spec, "text")]


def subtitle(spec):
    return " ".join(spec["title"]["subtitle"])
