"""Forms and query strings, as the protocols of identity providers use them: few fields, each of them once."""

from urllib.parse import parse_qs

from chat_core.problems import Problem
from chat_server.http.api_request import ApiRequest

MOST_FIELDS = 10


async def form_of(request: ApiRequest) -> dict[str, str]:
    """The fields of the body. Raises Problem 400."""
    return fields_of((await request.body()).decode("utf-8", "replace"))


def fields_of(encoded: str) -> dict[str, str]:
    """The fields of a form or query string; of two alike the first. Raises Problem 400."""
    try:
        fields = parse_qs(encoded, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Problem(400, "bad_request", f"At most {MOST_FIELDS} fields are expected.") from None
    return {name: values[0] for name, values in fields.items()}
