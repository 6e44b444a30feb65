"""The drawings behind `{% icon %}`: 20 × 20 units, one colour, `currentColor`.

Inline, because an icon font or a sprite would be one more request and shows nothing when it fails.
"""

from typing import Final

RING: Final = '<circle cx="10" cy="10" r="8"/>'
WARNING_SIGN: Final = '<path d="M10 2.6 18.2 17H1.8Z"/><path d="M10 8v4m0 2.3v.2"/>'
DOT: Final = ' fill="currentColor" stroke="none"'

DRAWINGS: Final[dict[str, str]] = {
    "linked": f'{RING}<path d="m6.3 10.3 2.5 2.5 5-5.3"/>',
    "problem": WARNING_SIGN,
    "pending": f'{RING}<path d="M10 2a8 8 0 0 1 0 16Z"{DOT}/>',
    "disconnected": f'{RING}<path d="M6 10h8"/>',
    "info": "".join(f'<circle cx="{x}" cy="10" r="1.8"{DOT}/>' for x in (4, 10, 16)),
    "warning": f'{RING}<path d="M10 5.5V10l3 2"/>',
    "unknown": f'{RING}<path d="M7.7 7.8a2.4 2.4 0 1 1 3.4 2.2c-.8.4-1.1.9-1.1 1.6m0 2.5v.2"/>',
    "note": f'{RING}<path d="M10 9.2v4.8m0-8v.2"/>',
    "success": f'{RING}<path d="m6.3 10.3 2.5 2.5 5-5.3"/>',
    "back": '<path d="m12 4-6 6 6 6"/>',
    "forward": '<path d="m8 4 6 6-6 6"/>',
    "phone": (
        '<path d="M6.6 2.5 3.8 3.3c-.8.3-1.2 1-1.1 1.9.8 6 5.6 10.9 11.6 12 '
        '.9.1 1.7-.3 1.9-1.2l.8-2.7-4-1.9-1.7 1.9a9 9 0 0 1-4.3-4.4l1.6-1.7Z"/>'
    ),
    "mail": '<rect x="2" y="4" width="16" height="12" rx="1.5"/><path d="m2.5 5 7.5 6 7.5-6"/>',
}

# Only these follow the reading direction; ticks, clocks and phones do not.
MIRRORED: Final = frozenset({"back", "forward"})
