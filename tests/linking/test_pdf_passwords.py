"""PDFs that forbid printing or copying open for everybody; the ones with a real password do not.

The proofs below were written by another program (pypdf), once with an empty password for opening
and once with one.
"""

import io
import re

import pytest

from onboarding.linking.services import file_checks
from onboarding.linking.services.file_checks import Unfit, Why
from onboarding.linking.services.pdf_passwords import opens_without_password

OWNER = "91e0d1cdaaa728ab2d51d0eda07e538b9097005cde165e8b5127642d034da724"
PADDING = "28bf4e5e4e758a4164004e56fffa0108"
BY_REVISION = {
    2: (
        "/V 1/R 2/Length 40",
        "6a151d07203826098abcdd81d069c302d6874d0d2cb6b47b592f3ed92e78da67",
        "46e9f0c8aefa5dc28fd8f058f362ce7d1407706534ff150182c78228da0921d4",
        "1242dcaf9b506efaa6b221e29f3fbf3c",
    ),
    3: (
        "/V 2/R 3/Length 128",
        OWNER,
        f"9bc9f2c4ddac004dcbe93c536ef91ed9{PADDING}",
        "50ee82bab926ceb79e49dbbd24fac40f",
    ),
    4: (
        "/V 4/R 4/CF<</StdCF<</CFM/AESV2/Length 16>>>>",
        OWNER,
        f"73a46387796edfa36cdc24156b1c114a{PADDING}",
        "2d6bee0ce5707289bef7205b8c3054f0",
    ),
    5: (
        "/V 5/R 5/Length 256",
        "00" * 48,
        "eaacd4d2413816469644183e680fe0e8693d7d8f86318aa574c5b0a1e0aad45f"
        "5d6e391ecc9b1344b8cc521c847761ae",
        "38d290d352af5327fd578057a68bb7a7",
    ),
}
LOCKED = (
    "/V 4/R 4/CF<</StdCF<</CFM/AESV2/Length 16>>>>",
    "ca3afce181a68a55070fd0ced5c53683f0efff100f764e257e9d1dbb599ee152",
    f"b6aefdc70aa5b3ac6539aa903f3cc98f{PADDING}",
    "7f969af3663bb88aade25298eef287fc",
)


def pdf(rules, owner, proof, identity, *, inline=False):
    written = f"<</Filter/Standard{rules}/P -4/O<{owner}>/U<{proof}>>>"
    there = written if inline else "5 0 R"
    text = "%PDF-1.7\n15 0 obj<</R 6>>endobj\n" + (
        "" if inline else f"5 0 obj\n{written}\nendobj\n"
    )
    return f"{text}trailer<</Encrypt {there}/ID[<{identity}> <{identity}>]/Root 1 0 R>>".encode()


def in_brackets(content):
    """The same with its strings as most programs write them: bytes in brackets, some escaped."""

    def written(found):
        signs = {8: rb"\b", 10: rb"\n", 13: rb"\015", 40: rb"\(", 41: rb"\)", 92: rb"\\"}
        body = bytes.fromhex(found[1].decode())
        return b"(" + b"".join(signs.get(each, bytes([each])) for each in body) + b")"

    return re.sub(rb"<([0-9a-f]{32,96})>", written, content)


def look(content):
    return file_checks.examine(io.BytesIO(content), name="a.pdf", size=len(content))


@pytest.mark.parametrize("inline", [False, True], ids=["by reference", "in the trailer"])
@pytest.mark.parametrize("revision", BY_REVISION)
def test_what_only_forbids_printing_is_accepted(revision, inline):
    content = pdf(*BY_REVISION[revision], inline=inline)

    assert look(content) == "pdf"
    assert look(in_brackets(content)) == "pdf"


@pytest.mark.parametrize("form", [bytes, in_brackets])
def test_what_asks_for_a_password_is_refused(form):
    with pytest.raises(Unfit) as refused:
        look(form(pdf(*LOCKED)))

    assert refused.value.why is Why.PASSWORD


@pytest.mark.parametrize(
    "spoilt",
    [
        pdf(*BY_REVISION[3]).replace(b"/Length 128", b"/Length -128"),
        pdf(*BY_REVISION[3]).replace(b"/Length 128", b"/Length 9999999999"),
        pdf(*BY_REVISION[3]).replace(b"/R 3", b"/R 6"),
        pdf(*BY_REVISION[3]).replace(b"5 0 obj", b"7 0 obj"),
        pdf(*BY_REVISION[3]).replace(b"/U<9b", b"/U<9"),
        in_brackets(pdf(*BY_REVISION[3])).replace(b")", b""),
        b"%PDF-1.7 /Encrypt <<",
    ],
    ids=["negative", "vast", "newer", "elsewhere", "odd", "open", "cut"],
)
def test_what_cannot_be_read_counts_as_locked_and_breaks_nothing(spoilt):
    assert opens_without_password(spoilt) is False
