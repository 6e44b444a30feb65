"""Whether a PDF opens without a password, though it is encrypted.

Many are encrypted for no more than to forbid printing or copying: the password for opening is
empty, and every reader opens them. PDF 32000-1, 7.6.3: the dictionary `/Encrypt` holds a proof of
that password (`/U`). Nothing of the content is decrypted here.

No library, since a stranger's file is read while they wait: qpdf 12.4 (pikepdf 10.17) unpacked a
file of 0.4 MB, made for that, into 0.5 GB before it said a word.
"""

import hashlib
import re
from typing import Final

_PADDING: Final = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_ENCRYPT: Final = re.compile(rb"/Encrypt\s*(?:(\d+)\s+(\d+)\s+R|(?=<<))")
_ID: Final = re.compile(rb"/ID\s*\[\s*(?=[<(])")
_MOST: Final = 4_000
"""Bytes of the dictionary that are looked at: it holds some hundred."""
_ESCAPED: Final = {
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"b": b"\b",
    b"f": b"\f",
    b"\r\n": b"",
    b"\n": b"",
    b"\r": b"",
}


def is_encrypted(content: bytes) -> bool:
    return _ENCRYPT.search(content) is not None


def opens_without_password(content: bytes) -> bool:
    """False also for what cannot be read, and for revision 6, whose proof needs AES itself."""
    rules = _rules(content)
    number = {name: _number(rules, name) for name in (b"R", b"V", b"P", b"Length")}
    owner, proof = _text_after(rules, rb"/O\s*"), _text_after(rules, rb"/U\s*")
    revision = number[b"R"]
    if revision == 5 and len(proof) >= 48:
        return hashlib.sha256(proof[32:40]).digest() == proof[:32]
    length = {1: 5, 4: 16}.get(number[b"V"], number[b"Length"] // 8 or 5)
    is_whole = len(owner) >= 32 and len(proof) >= 32 and 5 <= length <= 16
    if revision not in {2, 3, 4} or not is_whole:
        return False
    identity = _text_after(content, _ID.pattern)
    key = hashlib.md5(_PADDING + owner[:32], usedforsecurity=False)
    key.update((number[b"P"] & 0xFFFFFFFF).to_bytes(4, "little") + identity)
    if revision == 4 and re.search(rb"/EncryptMetadata\s+false", rules):
        key.update(b"\xff\xff\xff\xff")
    secret = key.digest()
    if revision == 2:
        return _rc4(secret[:5], _PADDING) == proof[:32]
    for _ in range(50):
        secret = hashlib.md5(secret[:length], usedforsecurity=False).digest()
    secret = secret[:length]
    made = hashlib.md5(_PADDING + identity, usedforsecurity=False).digest()
    for step in range(20):
        made = _rc4(bytes(byte ^ step for byte in secret), made)
    return made == proof[:16]


def _rules(content: bytes) -> bytes:
    """The dictionary of the newest revision of the file, or of whichever is there."""
    found = list(_ENCRYPT.finditer(content))[-1]
    at = found.end()
    if found[1]:
        starts = re.compile(rb"(?<!\d)%s\s+%s\s+obj" % (found[1], found[2]))
        at = next((each.end() for each in starts.finditer(content)), len(content))
    return content[at : at + _MOST].partition(b"endobj")[0]


def _number(rules: bytes, name: bytes) -> int:
    found = re.search(rb"/%s\s+(-?\d{1,10})\b" % name, rules)
    return int(found[1]) if found else 0


def _text_after(content: bytes, pattern: bytes) -> bytes:
    """The string that stands behind the last place of the pattern: `(…)` or `<hex>`."""
    places = [each.end() for each in re.finditer(pattern + rb"(?=[<(])", content)]
    if not places:
        return b""
    at = places[-1]
    if content[at : at + 1] == b"<":
        digits = re.sub(rb"\s", b"", content[at + 1 : at + _MOST].partition(b">")[0])
        is_whole = re.fullmatch(rb"(?:[0-9a-fA-F]{2})+", digits)
        return bytes.fromhex(digits.decode()) if is_whole else b""
    return _literal(content[at + 1 : at + _MOST])


def _literal(rest: bytes) -> bytes:
    """Up to the bracket that closes; brackets within come in pairs or are escaped."""
    out, depth = bytearray(), 1
    pieces = re.finditer(rb"\\([0-7]{1,3}|\r\n|.)|(\r\n?|.)", rest, re.DOTALL)
    for piece in pieces:
        escaped, plain = piece.groups()
        if escaped is not None:
            octal = escaped[:1].isdigit() and escaped[:1] < b"8"
            out += bytes([int(escaped, 8) & 255]) if octal else _ESCAPED.get(escaped, escaped)
            continue
        depth += (plain == b"(") - (plain == b")")
        if not depth:
            return bytes(out)
        out += b"\n" if plain in (b"\r", b"\r\n") else plain
    return b""


def _rc4(key: bytes, data: bytes) -> bytes:
    """Python has no RC4 of its own, and the proof is made of it whatever hides the content."""
    box = list(range(256))
    j = 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) & 255
        box[i], box[j] = box[j], box[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) & 255
        j = (j + box[i]) & 255
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) & 255])
    return bytes(out)
