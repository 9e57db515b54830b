"""Makes the files of this folder: keys, and tokens signed by another program than ours.

    pip install pyjwt cryptography && python make.py

Made with PyJWT 2.15.1 and cryptography 50.0.2. The keys were made here, for these tests, and are used nowhere else; the
RSA key is kept, since the test issuer cannot make one. Issuer and people are invented (架空).
"""

import base64
import json

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

CLAIMS = {
    "iss": "https://idp.sekino.example",
    "aud": ["account", "sekisho"],
    "sub": "f3a1c0de",
    "name": "関野 花子",
    "iat": 1_800_000_000,
    "nbf": 1_800_000_000,
    "exp": 1_800_000_300,
    "groups": ["/somu", "/unknown"],
}
KEYS = {
    "RS256": rsa.generate_private_key(65537, 2048),
    "PS256": rsa.generate_private_key(65537, 3072),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}

jwks, tokens = [], {}
for name, key in KEYS.items():
    algorithm = jwt.get_algorithm_by_name(name)
    public = algorithm.to_jwk(key.public_key(), as_dict=True)
    public.pop("key_ops", None)
    jwks.append(public | {"kid": name.lower(), "use": "sig", "alg": name})
    tokens[name] = jwt.encode(CLAIMS, key, algorithm=name, headers={"kid": name.lower()})


def write(name, value):
    with open(name, "w", encoding="ascii") as file:
        file.write(json.dumps(value, indent=1) + "\n")


write("jwks.json", {"keys": jwks})
write("tokens.json", tokens)
private = KEYS["RS256"].private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
write("rsa.json", {"public": jwks[0], "pkcs8": base64.b64encode(private).decode()})
