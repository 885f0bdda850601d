"""Reading JSON answers: the expected outer shape, or `NotUnderstoodError`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from crawler import deep_json
from crawler.errors import NotUnderstoodError

if TYPE_CHECKING:
    from scrapy.http import Response


def json_object(response: Response) -> dict[str, Any]:
    """Return the JSON object of an answer. Raises `NotUnderstoodError`."""
    found = _json(response)
    if not isinstance(found, dict):
        raise NotUnderstoodError("the answer is JSON, but no object; check that the url is the API's")
    return found


def json_rows(response: Response) -> list[dict[str, Any]]:
    """Return the JSON array of objects of an answer; what is no object is left out. Raises `NotUnderstoodError`."""
    found = _json(response)
    if not isinstance(found, list):
        raise NotUnderstoodError("the answer is JSON, but no list; check that the url is the API's")
    return [row for row in found if isinstance(row, dict)]


def _json(response: Response) -> object:
    try:
        try:
            return json.loads(response.body)
        except RecursionError:
            return deep_json.loads(response.body.decode("utf-8-sig"))
    except ValueError as error:
        raise NotUnderstoodError("the answer is no JSON; check that the url is the API's") from error
