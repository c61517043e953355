"""An OpenID Connect provider on a port of its own: discovery, consent, token and keys, as far as a client looks."""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT_ID, CLIENT_SECRET = "microdb", "the secret"


class IdentityProvider:
    """Whoever comes is ``person``, without being asked. ``url`` is the issuer."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {"sub": "1", "email": "eva@example.org", "email_verified": True}
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.grants: dict[str, dict[str, str]] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.answer(self, dict(parse_qsl(urlsplit(self.path).query)))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                provider.answer(self, {name: values[0] for name, values in parse_qs(body).items()})

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, handler: BaseHTTPRequestHandler, given: dict[str, str]) -> None:
        path = urlsplit(handler.path).path
        if path == "/authorize":
            handler.send_response(302)
            handler.send_header("Location", self.consent(given))
            handler.end_headers()
            return
        answers = {
            "/.well-known/openid-configuration": self.configuration,
            "/jwks": self.keys,
            "/token": lambda: self.token(handler, given),
            "/userinfo": lambda: self.person,
        }
        body = json.dumps(answers[path]()).encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def configuration(self) -> dict[str, Any]:
        ends = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks",
            **{f"{name}_endpoint": f"{self.url}/{path}" for name, path in ends.items()},
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def keys(self) -> dict[str, Any]:
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "1", "use": "sig", "alg": "RS256"}]}

    def consent(self, given: dict[str, str]) -> str:
        code = secrets.token_urlsafe()
        self.grants[code] = given
        return f"{given['redirect_uri']}?{urlencode({'code': code, 'state': given['state']})}"

    def token(self, handler: BaseHTTPRequestHandler, given: dict[str, str]) -> dict[str, Any]:
        grant = self.grants.pop(given["code"])
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        sent = given.get("client_secret") == CLIENT_SECRET or handler.headers.get("Authorization") == f"Basic {basic}"
        assert sent, "the client did not prove itself"
        verifier = hashlib.sha256(given["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(verifier).rstrip(b"=").decode() == grant["code_challenge"]
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 60, **self.person}
        if "nonce" in grant:
            claims["nonce"] = grant["nonce"]
        id_token = jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "1"})
        return {"access_token": "access", "token_type": "Bearer", "expires_in": 60, "id_token": id_token}

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
