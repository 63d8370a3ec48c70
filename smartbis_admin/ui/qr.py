"""A text as a QR drawing for paper and screen: a voucher's code, a card's address. Knows no more than the text."""

import segno
from django.utils.safestring import SafeString


def qr_svg(text: str) -> SafeString:
    """An `<svg>` of a whole QR code (never a Micro QR, which tills cannot read).

    It brings its own white ground and quiet zone, so that a dark screen shows it readable too.
    """
    drawing = segno.make_qr(text, error="m")
    return SafeString(
        drawing.svg_inline(scale=1, border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr")
    )
