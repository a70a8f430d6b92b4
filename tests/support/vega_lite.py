"""Vega-Lite v5 specifications: whether a dictionary is one, by the JSON schema that altair ships, and what it draws."""

import json
from functools import cache
from pathlib import Path

import pytest


def check(spec):
    """Fail with the place and the reason of the error that lies deepest, which is the one to mend."""
    spec = one_of_a_kind(json.loads(json.dumps(spec)))
    thorough, quick = validators()
    if quick.is_valid(spec):
        return
    from jsonschema.exceptions import best_match

    error = best_match(thorough.iter_errors(spec))
    assert error is None, f"at {error.json_path}: {error.message:.300}"


def one_of_a_kind(spec):
    """With one of the values of each type in its data: the schema asks for nothing but their types (InlineDataset)."""
    if isinstance(spec, list):
        return [one_of_a_kind(each) for each in spec]
    if not isinstance(spec, dict):
        return spec
    rest = {key: one_of_a_kind(each) for key, each in spec.items() if key != "data"}
    data = spec.get("data", {})
    if not isinstance(data.get("values"), list):
        return {**rest, **({"data": data} if "data" in spec else {})}
    return {**rest, "data": {**data, "values": list({type(value): value for value in data["values"]}.values())}}


@cache
def validators():
    """One that gives reasons, and one that says whether a specification is valid. The schema has 1.8 MB.

    The quick one looks once whether a part of a specification is what a definition says: pictures have most of their
    axes, scales and fields in common, and each is tried against a dozen definitions.
    """
    altair = pytest.importorskip("altair", reason="altair, which ships the schema, is not installed")
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    file = Path(altair.__file__).parent / "vegalite" / "v5" / "schema" / "vega-lite-schema.json"
    schema, draft = json.loads(file.read_text(encoding="utf-8")), jsonschema.Draft7Validator
    valid = {}

    def by_definition(validator, name, part, within):
        question = name, json.dumps(part)
        if question not in valid:
            valid[question] = not any(draft.VALIDATORS["$ref"](validator, name, part, within))
        return () if valid[question] else (jsonschema.ValidationError(f"it is no {name}"),)

    return draft(schema), jsonschema.validators.extend(draft, {"$ref": by_definition})(schema)


def layers(spec):
    """All of them, of all views, each with its data."""
    return [
        {"data": view.get("data", {"values": []}), **layer}
        for view in views(spec)
        for layer in view.get("layer", [view])
    ]


def views(spec):
    """The plots of all views, however deep."""
    below = spec.get("hconcat", []) + spec.get("vconcat", [])
    return [view for each in below for view in views(each)] if below else [spec]


def values(spec, mark, **fields):
    """What the layers of this mark draw, as far as it has these fields."""
    found = [layer for layer in layers(spec) if layer["mark"]["type"] == mark]
    all_values = [value for layer in found for value in layer["data"]["values"]]
    return [value for value in all_values if fields.items() <= value.items()]


def words(spec):
    """All texts that are drawn."""
    found = [layer for layer in layers(spec) if layer["mark"]["type"] == "text"]
    texts = [value[layer["encoding"]["text"]["field"]] for layer in found for value in layer["data"]["values"]]
    lines = [line for text in texts for line in (text if isinstance(text, list) else [text])]
    return [line for line in lines if line]


def subtitle(spec):
    return " ".join(spec["title"]["subtitle"])
