"""Draws the state catalogue: `python -m tests.screenshots [--only PATTERN] [--out DIR]`.

Every state in light and dark, at 320, 390 and 1280 px, and right to left in a pseudo-language; the
journey without script too; some printed, with forced colours and with spaced text. axe looks at
each. Leaves pictures, `index.html` and `findings.json`; exits with 1 if anything is amiss.
"""

import argparse
import fnmatch
import json
import logging
import os
import sys
import time
from html import escape
from pathlib import Path

import django
from django.test.utils import setup_test_environment

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("--only", default="*", help="states by name, such as 'journey-done--*'")
    parser.add_argument("--out", type=Path, default=ROOT / ".build" / "screenshots")
    parser.add_argument("--strip", action="store_true", help="draw the README's pictures instead")
    arguments = parser.parse_args()
    _prepare()
    if arguments.strip:
        from .strip import draw_strips  # noqa: PLC0415 - Django must be set up first

        return draw_strips(ROOT / "docs" / "img")
    return _draw_all(arguments.only, arguments.out)


def _prepare() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright runs a loop in this thread
    os.environ["DATABASE_URL"] = "sqlite://:memory:"
    django.setup()
    logging.disable(logging.CRITICAL)  # answers of 4xx are meant
    setup_test_environment()
    from django.db import connection  # noqa: PLC0415 - as above

    connection.creation.create_test_db(verbosity=0)


def _draw_all(only: str, out: Path) -> int:
    from tests.states import STATES  # noqa: PLC0415 - as above

    from .drawing import VARIANTS, Easel, open_browser  # noqa: PLC0415 - as above

    names = [name for name in STATES if fnmatch.fnmatch(name, only)]
    if not names:
        print(f"No state is called {only}.", file=sys.stderr)
        return 2
    out.mkdir(parents=True, exist_ok=True)
    findings: dict[str, dict[str, list[str]]] = {}
    began = time.monotonic()
    with open_browser() as browser:
        easel = Easel(browser)
        for number, name in enumerate(names, 1):
            findings[name] = _draw(STATES[name], easel, VARIANTS, out)
            amiss = sum(map(len, findings[name].values()))
            print(f"{number}/{len(names)} {name}" + (f"  {amiss} amiss" if amiss else ""))
        easel.close()
    _report(findings, VARIANTS, out)
    amiss = sum(len(each) for state in findings.values() for each in state.values())
    seconds = time.monotonic() - began
    print(f"{len(names)} states, {amiss} findings, {seconds:.0f} s: {out / 'index.html'}")
    return 1 if amiss else 0


def _draw(state, easel, variants, out: Path) -> dict[str, list[str]]:
    from .drawing import amiss_in_source  # noqa: PLC0415 - as above
    from .pseudo import pseudo_language, untranslated  # noqa: PLC0415 - as above
    from .rendering import render  # noqa: PLC0415 - as above

    plain = render(state)
    with pseudo_language():
        pseudo = render(state)
    findings = {"source": amiss_in_source(plain)}
    findings["words"] = [f"not translated: {words}" for words in untranslated(pseudo.html)]
    for variant in (each for each in variants if each.is_for(state.name)):
        findings[variant.name] = easel.show(pseudo if variant.pseudo else plain, variant)
        easel.photograph(out / f"{state.name}.{variant.name}.png")
    return {where: found for where, found in findings.items() if found}


def _report(findings: dict, variants: list, out: Path) -> None:
    (out / "findings.json").write_text(
        json.dumps({name: found for name, found in findings.items() if found}, indent=1)
    )
    parts = []
    for name, found in findings.items():
        lines = [f"{where}: {text}" for where, texts in found.items() for text in texts]
        items = "".join(f"<li>{escape(line)}</li>" for line in lines)
        pictures = "".join(
            f'<a href="{name}.{each.name}.png"><img src="{name}.{each.name}.png" loading="lazy" '
            f'height="420" alt="{name}, {each.name}"></a>'
            for each in variants
            if each.is_for(name)
        )
        parts.append(f'<h2 id="{name}">{name}</h2><ul class="amiss">{items}</ul><p>{pictures}</p>')
    style = "body{font:1rem sans-serif}p{display:flex;gap:1rem;overflow:auto}.amiss{color:#9b1c1c}"
    (out / "index.html").write_text(
        f"<!doctype html><title>States</title><meta charset=utf-8><style>{style}</style>"
        + "".join(parts)
    )


if __name__ == "__main__":
    sys.exit(main())
