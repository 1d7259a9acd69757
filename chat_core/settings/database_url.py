"""A database's URL: which ones are taken, and what may be shown of one.

In a password `@ : / ? #` have to be percent-encoded (RFC 3986). Where they are not, every parser cuts the URL in
another place, and what one takes for the host is a part of the password for another one. Such a URL is refused, so
that what is shown of an accepted one never holds any of its password.
"""

import urllib.parse

EXPECTED = "postgresql://user:password@host:port/name, with @ : / ? # of the password as %40 %3A %2F %3F %23"


def check(url: str) -> None:
    """ValueError, without a word of the URL, unless it can be read in one way only."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError("the scheme is not postgresql")
    userinfo = parts.netloc.rpartition("@")[0]
    if url.count("@") > ("@" in parts.netloc) or "#" in url or userinfo.count(":") > 1:
        raise ValueError("a character of the password is not percent-encoded")
    _ = parts.port  # ValueError where it is no number


def place(url: str) -> str:
    """Host, port and name: what may be shown. The folder of the socket where there is no host."""
    try:
        check(url)
    except ValueError:
        return "(a database URL that cannot be read)"
    parts = urllib.parse.urlsplit(url)
    query = urllib.parse.parse_qs(parts.query)
    host = parts.netloc.rpartition("@")[2] or query.get("host", [""])[0]
    return f"{host}{parts.path}"


def without_secret(url: str) -> tuple[str, str | None]:
    """The same URL without its password, which is given beside it; None where it has none."""
    parts = urllib.parse.urlsplit(url)
    query = urllib.parse.parse_qsl(parts.query, keep_blank_values=True)
    in_query = next((value for name, value in query if name == "password"), None)
    others = [(name, value) for name, value in query if name != "password"]
    kept = urllib.parse.urlencode(others, quote_via=urllib.parse.quote)  # libpq takes a plus for a plus
    userinfo, at, host = parts.netloc.rpartition("@")
    user, colon, password = userinfo.partition(":")
    bare = urllib.parse.urlunsplit(parts._replace(netloc=f"{user}{at}{host}", query=kept))
    return bare, urllib.parse.unquote(password) if colon else in_query
