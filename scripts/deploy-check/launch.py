"""Starts ministack 1.5.33, with two of its faults mended that show only where it serves TLS and enforces policies."""

from ministack import app
from ministack.core import sigv4
from ministack.services import apigateway

resolve = apigateway._resolve_jwks_url
canonical_headers = sigv4.build_canonical_headers


async def over_tls(authorizer):
    """The keys of its own user pools are asked for over HTTP, which nobody serves."""
    url = await resolve(authorizer)
    return url and url.replace("http://localhost:", "https://localhost:", 1)


def with_authority(headers, signed_headers):
    """Over HTTP/2, which Kinesis' client speaks, AWS's SDK signs `:authority` in place of `host`."""
    return canonical_headers({**headers, ":authority": headers.get("host", "")}, signed_headers)


apigateway._resolve_jwks_url = over_tls
sigv4.build_canonical_headers = with_authority
app.main()
