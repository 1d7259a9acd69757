"""The exceptions of calls. All are FechatterErrors."""

from typing import Any

import httpx
import msgspec


class FechatterError(Exception):
    """Base of all exceptions of this package."""


class Unreachable(FechatterError):
    """There was no response. It is unknown whether the server has done what was asked."""


class Unintelligible(FechatterError):
    """A response or event that does not match the documents."""


class SignInNeeded(FechatterError):
    """There is no session, or it has ended: sign in (again)."""


class FieldError(msgspec.Struct, frozen=True):
    """`path` is the location of the invalid value (`members[2]`, `query.limit`), `expected` what would be valid."""

    path: str
    expected: str


class _Body(msgspec.Struct):
    code: str
    detail: str
    errors: list[FieldError] = []


_COMMON = {"type", "title", "status", "code", "detail", "errors"}


class Problem(FechatterError):
    """A response that is an error (RFC 9457). `code` never changes, and is "unknown" for a response from a proxy;
    `detail` is for people; `retry_after_seconds` is set if the server says when to try again; `extra` is what only this
    code has, such as the `factor_token` of `second_factor_required`."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: list[FieldError] | None = None,
        retry_after_seconds: float | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status, self.code, self.detail = status, code, detail
        self.errors = errors or []
        self.retry_after_seconds = retry_after_seconds
        self.extra = extra or {}

    def __reduce__(self) -> tuple[Any, ...]:
        return Problem, (self.status, self.code, self.detail, self.errors, self.retry_after_seconds, self.extra)

    @classmethod
    def of(cls, response: httpx.Response) -> "Problem":
        """From a response whose body has been read."""
        # In seconds; the other form, a date, is not used by the servers.
        after = response.headers.get("retry-after", "")
        seconds = float(after) if after.isascii() and after.isdigit() else None
        try:
            body = msgspec.json.decode(response.content, type=_Body)
            told: dict[str, Any] = msgspec.json.decode(response.content)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return cls(response.status_code, "unknown", response.reason_phrase, retry_after_seconds=seconds)
        return cls(
            response.status_code,
            body.code,
            body.detail,
            body.errors,
            seconds,
            {name: told[name] for name in told.keys() - _COMMON},
        )
