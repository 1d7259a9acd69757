"""The fields of requests and responses, with the same bounds as the tables' constraints."""

from datetime import datetime
from typing import Annotated, Any, Literal

from litestar.params import HeaderParameter, PathParameter, QueryParameter
from msgspec import Meta

from chat_server.identity.names import ADDRESS, PLAIN

LARGEST_ID = 2**63 - 1

# Postgres' text cannot hold NUL.
ANY_TEXT = r"^[^\x00]*$"
VISIBLE_TEXT = r"^(?=\s*\S)[^\x00]*$"
# The end of text for Python, whose $ also matches before a final line end, and for ECMA, which readers of the OpenAPI
# document use and which has no \Z.
END = r"$(?!\n)"
PLAIN_TEXT = rf"^{PLAIN}" + END
NAME = rf"^(?=\s*\S){PLAIN}" + END
VISIBLE_ASCII = r"^[\x21-\x7e]{1,255}" + END
EMOJI = r"^[^/\s\x00-\x1f\x7f-\x9f]{1,64}" + END
EMAIL = rf"^{ADDRESS}" + END
TOTP_CODE = r"^[0-9]{3} ?[0-9]{3}" + END
BASE64URL = r"^[A-Za-z0-9_-]*" + END
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*" + END
PERMISSION = r"^[a-z]+\.[a-z_]+" + END
GROUP_NAME = r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?" + END
TIME_ZONE = r"^[A-Za-z0-9_+\-/]+" + END
CLOCK_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]" + END
USERNAME = r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9_])?" + END

# The patterns in words.
PATTERNS_IN_WORDS = {
    ANY_TEXT: "a text without NUL characters",
    VISIBLE_TEXT: "a text with visible characters, without NUL characters",
    PLAIN_TEXT: "a text without control, zero-width and direction characters",
    NAME: "a text with visible characters, without control, zero-width and direction characters",
    VISIBLE_ASCII: "1 to 255 visible ASCII characters",
    EMOJI: "1 to 64 characters, without spaces, slashes and control characters",
    EMAIL: "an e-mail address",
    TOTP_CODE: "six digits",
    BASE64URL: "a text in base64url, without padding",
    SLUG: "lower-case ASCII letters and digits, with single hyphens between them",
    PERMISSION: "the name of a permission, such as chat.pin",
    TIME_ZONE: "a name of the time zone database, such as Europe/Berlin",
    CLOCK_TIME: "a time of the day, such as 22:00",
    GROUP_NAME: "ASCII letters, digits, '.', '_' and '-', first and last a letter or a digit",
    USERNAME: "ASCII letters, digits, '.', '_' and '-', neither '.' nor '-' first or last, nor '_' first",
}

Id = Annotated[int, Meta(ge=1, le=LARGEST_ID)]
Seq = Annotated[int, Meta(ge=0, le=LARGEST_ID)]
Role = Literal["owner", "admin", "member"]
PersonKind = Literal["member", "guest", "bot"]
DocumentKind = Literal["board", "page"]
DocumentRole = Literal["owner", "editor", "viewer"]
ReportReason = Literal["spam", "harassment", "hate", "violence", "sexual", "illegal", "other"]
ReportStatus = Literal["open", "resolved", "dismissed"]
RetentionDays = Annotated[int, Meta(ge=1, le=36_500)]
ChatType = Literal["Single", "Group", "PrivateChannel", "PublicChannel"]
MessageType = Literal["text", "image", "file"]

Email = Annotated[str, Meta(max_length=254, pattern=EMAIL)]
Password = Annotated[str, Meta(min_length=8, max_length=128)]
# A password that is only compared, whatever rules it was set under.
GivenPassword = Annotated[str, Meta(max_length=128)]
Secret = Annotated[str, Meta(min_length=1, max_length=100)]
TotpCode = Annotated[str, Meta(max_length=7, pattern=TOTP_CODE)]
GivenRecoveryCode = Annotated[str, Meta(min_length=1, max_length=40, pattern=ANY_TEXT)]
Username = Annotated[str, Meta(min_length=1, max_length=32, pattern=USERNAME)]
FullName = Annotated[str, Meta(min_length=1, max_length=64, pattern=NAME)]
Avatar = Annotated[str, Meta(min_length=1, max_length=2048, pattern=ANY_TEXT)]
WorkspaceName = Annotated[str, Meta(min_length=1, max_length=80, pattern=NAME)]
OrganizationName = Annotated[str, Meta(min_length=1, max_length=80, pattern=NAME)]
ExternalId = Annotated[str, Meta(min_length=1, max_length=200, pattern=ANY_TEXT)]
PermissionName = Annotated[str, Meta(max_length=64, pattern=PERMISSION)]
GroupName = Annotated[str, Meta(min_length=1, max_length=32, pattern=GROUP_NAME)]
DocumentName = Annotated[str, Meta(min_length=1, max_length=80, pattern=NAME)]
ChatName = Annotated[str, Meta(max_length=80, pattern=PLAIN_TEXT)]
Description = Annotated[str, Meta(max_length=1000, pattern=ANY_TEXT)]
# As the time zone database has it, such as Europe/Berlin.
TimeZoneName = Annotated[str, Meta(min_length=1, max_length=64, pattern=TIME_ZONE)]
ClockTime = Annotated[str, Meta(min_length=5, max_length=5, pattern=CLOCK_TIME)]
PushWish = Literal["all", "personal", "none"]
PushContent = Literal["message", "sender", "none"]
MailWish = Literal["off", "at_once", "daily", "weekly"]
PresenceMode = Literal["auto", "away", "dnd", "invisible"]
StatusText = Annotated[str, Meta(min_length=1, max_length=100, pattern=NAME)]
StatusEmoji = Annotated[str, Meta(min_length=1, max_length=64, pattern=NAME)]
Content = Annotated[str, Meta(min_length=1, max_length=10_000, pattern=VISIBLE_TEXT)]
# Data that the server stores for clients without reading it; `bodies.metadata_json` has its bounds.
Metadata = dict[str, Any]
NotificationLevel = Literal["all", "mentions", "none"]
# A duration: at most a year.
Seconds = Annotated[int, Meta(ge=1, le=366 * 24 * 3600)]
FileIds = Annotated[list[Id], Meta(max_length=10)]
MemberIds = Annotated[list[Id], Meta(max_length=1000)]

# Times in responses: RFC 3339, UTC.
Time = Annotated[datetime, Meta(tz=True)]

# In a path or a query string.
PathId = Annotated[int, PathParameter(ge=1, le=LARGEST_ID)]
# Of what may be none.
PathIdOrZero = Annotated[int, PathParameter(ge=0, le=LARGEST_ID)]
PathSecret = Annotated[str, PathParameter(max_length=100, description="The secret in the address.")]
PathWayIn = Annotated[str, PathParameter(max_length=32, pattern=r"^[a-z][a-z0-9_-]*" + END)]
PathEmoji = Annotated[str, PathParameter(pattern=EMOJI)]
QueryPermission = Annotated[str, QueryParameter(max_length=64, pattern=PERMISSION, description="Such as chat.pin.")]
QueryId = Annotated[int, QueryParameter(ge=1, le=LARGEST_ID)]
OptionalQueryId = Annotated[int | None, QueryParameter(ge=1, le=LARGEST_ID)]
Search = Annotated[
    str,
    QueryParameter(max_length=80, pattern=ANY_TEXT, description="Part of the name, ignoring case."),
]

# In a header.
IfNoneMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-None-Match",
        max_length=100,
        pattern=ANY_TEXT,
        description="The ETag of a copy that the client already has.",
    ),
]
UserIds = Annotated[
    str | None,
    QueryParameter(
        pattern=r"^[1-9][0-9]{0,17}(,[1-9][0-9]{0,17}){0,99}" + END,
        min_length=1,
        max_length=1899,
        description="Up to a hundred ids, with commas between them.",
    ),
]
"""Ids of users."""
