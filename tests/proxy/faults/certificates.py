"""Certificates for TLS upstreams, made as they are needed. Needs the cryptography package."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

EXPIRED = "expired"


def write_certificate(folder: Path, whose: str) -> Path:
    """A self-signed certificate and its key, in one file.

    Args:
        folder: where to write it; made if it is not there.
        whose: "127.0.0.1", a host's name, or EXPIRED for 127.0.0.1 two days ago.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, whose)])
    is_name = whose not in {"127.0.0.1", EXPIRED}
    owner = x509.DNSName(whose) if is_name else x509.IPAddress(ip_address("127.0.0.1"))
    until = datetime.now(UTC) + timedelta(days=-1 if whose == EXPIRED else 1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - timedelta(days=2))
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([owner]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    folder.mkdir()
    file = folder / "certificate.pem"
    file.write_bytes(
        certificate.public_bytes(Encoding.PEM)
        + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return file
