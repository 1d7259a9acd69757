"""A database's URL: which ones are valid, and which parts may be shown.

In a password, `@ : / ? #` must be percent-encoded (RFC 3986). Otherwise parsers cut the URL at different places, and
what one takes for the host is part of the password for another. Such a URL is refused, so that the displayed parts of a
valid one never contain any of its password.
"""

import urllib.parse

EXPECTED = "postgresql://user:password@host:port/name, with @ : / ? # of the password as %40 %3A %2F %3F %23"


def check(url: str) -> None:
    """Raises ValueError, without any part of the URL, unless it can be read in only one way."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError("the scheme is not postgresql")
    userinfo = parts.netloc.rpartition("@")[0]
    if url.count("@") > ("@" in parts.netloc) or "#" in url or userinfo.count(":") > 1:
        raise ValueError("a character of the password is not percent-encoded")
    _ = parts.port  # ValueError if it is not a number


def place(url: str) -> str:
    """Host, port and name: the parts that may be shown. If there is no host, the directory of the socket."""
    try:
        check(url)
    except ValueError:
        return "(a database URL that cannot be read)"
    parts = urllib.parse.urlsplit(url)
    query = urllib.parse.parse_qs(parts.query)
    host = parts.netloc.rpartition("@")[2] or query.get("host", [""])[0]
    return f"{host}{parts.path}"


def without_secret(url: str) -> tuple[str, str | None]:
    """The same URL without its password, and the password; None if it has none."""
    parts = urllib.parse.urlsplit(url)
    query = urllib.parse.parse_qsl(parts.query, keep_blank_values=True)
    in_query = next((value for name, value in query if name == "password"), None)
    others = [(name, value) for name, value in query if name != "password"]
    kept = urllib.parse.urlencode(others, quote_via=urllib.parse.quote)  # libpq does not decode a plus
    userinfo, at, host = parts.netloc.rpartition("@")
    user, colon, password = userinfo.partition(":")
    bare = urllib.parse.urlunsplit(parts._replace(netloc=f"{user}{at}{host}", query=kept))
    return bare, urllib.parse.unquote(password) if colon else in_query
