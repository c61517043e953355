"""What the schema generator can't see in the views: common errors, blank text, and which operations belong together."""

from typing import Any

ERROR = {
    "type": "object",
    "description": "An error; test for `code`, not for `message`.",
    "properties": {
        "code": {"type": "string", "description": "Stable."},
        "message": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {}, "description": "What is wrong with single fields."},
        "error_id": {"type": "string", "description": "Of an error of ours, in the server's log."},
    },
    "required": ["code", "message"],
}
OF_ALL = {
    "400": "The request is wrong.",
    "401": "The token is missing or not valid.",
    "403": "The token lacks the scope, or its user the role.",
    "404": "It does not exist, or you may not see it.",
    "429": "Too many requests.",
    "503": "The database does not answer.",
}
OF_BODIES = {
    "409": "It is there already, its state does not allow this, or the Idempotency-Key was used before.",
    "413": "The body is too large.",
    "415": "The body has a type that is not read here.",
    "422": "The Idempotency-Key was used with other files.",
    "507": "The server's disk is full.",
}
OF_FILES = {"410": "The stored file is missing or was altered."}
OPEN = ("/schema/", "/docs/")
METHODS = ("get", "post", "put", "patch", "delete")


def add_errors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Document the errors of each operation; a hook of drf-spectacular, called with the whole schema."""
    result["components"]["schemas"]["Error"] = ERROR
    for path, operations in result["paths"].items():
        for method in METHODS:
            if method in operations and not path.endswith(OPEN):
                _add(operations[method], OF_ALL | (OF_FILES if method == "get" else OF_BODIES))
    return result


def group_by_subject(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Group what is under ``datasets/{slug}/`` by what follows, for the documentation; a hook of drf-spectacular."""
    for path, operations in result["paths"].items():
        parts = path.removeprefix("/api/v1/").strip("/").split("/")
        subject = parts[2] if parts[0] == "datasets" and len(parts) > 2 else parts[0]
        for method in METHODS:
            if method in operations:
                operations[method]["tags"] = [subject]
    return result


def refuse_blanks(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Document that a text which must not be empty must not be of spaces alone; a hook of drf-spectacular."""
    for name, schema in result["components"]["schemas"].items():
        if name.endswith("Request"):
            for field in schema.get("properties", {}).values():
                for text in (field, field.get("items", {})):
                    if text.get("type") == "string" and text.get("minLength") == 1:
                        text.setdefault("pattern", r"\S")
    return result


def _add(operation: dict[str, Any], errors: dict[str, str]) -> None:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for status, description in errors.items():
        operation["responses"].setdefault(status, {"description": description, "content": content})
