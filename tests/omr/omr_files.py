"""One picture in every kind of file that scanners, fax programs and office machines write."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

Gray = np.ndarray
Writer = Callable[[Gray, int], bytes]


def by_pil(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def jpeg(gray: Gray, dpi: int, mode: str = "L", **options: object) -> bytes:
    return by_pil(Image.fromarray(gray).convert(mode), "JPEG", quality=92, dpi=(dpi, dpi), **options)


def png(gray: Gray, dpi: int, mode: str = "L", **options: object) -> bytes:
    return by_pil(Image.fromarray(gray).convert(mode), "PNG", dpi=(dpi, dpi), compress_level=1, **options)


def tiff(gray: Gray, dpi: int, mode: str = "L", **options: object) -> bytes:
    return by_pil(Image.fromarray(gray).convert(mode), "TIFF", dpi=(dpi, dpi), **options)


def few_levels(gray: Gray, bits: int) -> Gray:
    """Gray in 2 to 4 bits, 0 black."""
    return np.rint(gray / 255 * (2**bits - 1)).astype(np.uint8)


def packed(levels: Gray, bits: int) -> bytes:
    """Rows of samples of fewer than eight bits, each row filled up to a byte."""
    planes = (levels[..., None] >> np.arange(bits - 1, -1, -1)) & 1
    return np.packbits(planes.reshape(levels.shape[0], -1), axis=1).tobytes()


def raw_tiff(tags: dict[int, tuple[int, list[int]]], pieces: list[bytes], order: str = "<", names=(273, 279)) -> bytes:
    """A TIFF by hand: `tags` as type and numbers, the picture's `pieces` at the end."""
    form = {1: "B", 3: "H", 4: "I"}
    sizes = [len(piece) for piece in pieces]
    tags = dict(tags) | {names[0]: (4, [0] * len(pieces)), names[1]: (4, sizes)}
    after = 10 + 12 * len(tags) + 4
    values: dict[int, bytes] = {}
    places: dict[int, int] = {}
    for final in (False, True):
        if final:
            tags[names[0]] = (4, np.cumsum([after, *sizes[:-1]]).tolist())
        values = {tag: struct.pack(f"{order}{len(n)}{form[kind]}", *n) for tag, (kind, n) in tags.items()}
        if not final:
            for tag, value in sorted(values.items()):
                if len(value) > 4:
                    places[tag], after = after, after + len(value)
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HIH", 42, 8, len(tags))
    for tag, (kind, numbers) in sorted(tags.items()):
        inside = struct.pack(order + "I", places[tag]) if tag in places else values[tag].ljust(4, b"\0")
        head += struct.pack(order + "HHI", tag, kind, len(numbers)) + inside
    return head + bytes(4) + b"".join(v for t, v in sorted(values.items()) if t in places) + b"".join(pieces)


def gray_tags(gray: Gray, bits: int = 8, photometric: int = 1, packing: int = 1) -> dict[int, tuple[int, list[int]]]:
    return {256: (4, [gray.shape[1]]), 257: (4, [gray.shape[0]]), 258: (3, [bits]), 259: (3, [packing]),
            262: (3, [photometric]), 277: (3, [1]), 278: (4, [gray.shape[0]])}  # fmt: skip


def tiled_tiff(gray: Gray, _dpi: int, side: int = 256) -> bytes:
    down, across = (-(-size // side) for size in gray.shape)
    full = np.full((down * side, across * side), 255, np.uint8)
    full[: gray.shape[0], : gray.shape[1]] = gray
    tiles = [zlib.compress(np.ascontiguousarray(full[y * side : (y + 1) * side, x * side : (x + 1) * side]), 1)
             for y in range(down) for x in range(across)]  # fmt: skip
    tags = gray_tags(gray, packing=8) | {322: (4, [side]), 323: (4, [side])}
    tags.pop(278)
    return raw_tiff(tags, tiles, names=(324, 325))


def planes_tiff(gray: Gray, _dpi: int) -> bytes:
    """Red, green and blue one after the other, big-endian."""
    tags = gray_tags(gray) | {258: (3, [8, 8, 8]), 262: (3, [2]), 277: (3, [3]), 284: (3, [2])}
    return raw_tiff(tags, [gray.tobytes()] * 3, order=">")


def bmp(gray: Gray, dpi: int, mode: str = "L") -> bytes:
    return by_pil(Image.fromarray(gray).convert(mode), "BMP", dpi=(dpi, dpi))


def pdf(picture: bytes, size: tuple[int, int], dpi: float, *, turned: int = 0, rotate: int = 0, text: str = "",
        unseen: bool = False, strips: int = 1) -> bytes:  # fmt: skip
    """A page of one picture of `size` dots: drawn turned by `turned` degrees on a page that says `rotate`."""
    width, height = (side / dpi * 72 for side in size)
    page = (height, width) if turned % 180 else (width, height)
    out = io.BytesIO()
    # The library turns the size with the page.
    canvas = Canvas(out, pagesize=page[::-1] if rotate % 180 else page, pageCompression=0)
    canvas.setPageRotation(rotate)
    canvas.saveState()
    shift = {0: (0, 0), 90: (height, 0), 180: (width, height), 270: (0, width)}[turned]
    canvas.translate(*shift)
    canvas.rotate(turned)
    opened = Image.open(io.BytesIO(picture))
    for n in range(strips):
        top, bottom = (round(opened.height * part / strips) for part in (n, n + 1))
        piece = opened if strips == 1 else opened.crop((0, top, opened.width, bottom))
        source = ImageReader(io.BytesIO(picture)) if strips == 1 else ImageReader(piece)
        canvas.drawImage(source, 0, height * (1 - bottom / opened.height), width, height * (bottom - top) /
                         opened.height)  # fmt: skip
    canvas.restoreState()
    if text:
        line = canvas.beginText(page[0] / 2, 8)
        line.setTextRenderMode(3 if unseen else 0)
        line.textLine(text)
        canvas.drawText(line)
    canvas.save()
    return out.getvalue()


def raw_pdf(image: bytes, size: tuple[int, int], dpi: float, entries: str) -> bytes:
    """A PDF by hand around an image stream of any filter."""
    width, height = (side / dpi * 72 for side in size)
    draw = f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /I Do Q".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width:.3f} {height:.3f}]/Resources<</XObject<</I 4 0 R>>>>"
        "/Contents 5 0 R>>".encode(),
        f"<</Type/XObject/Subtype/Image/Width {size[0]}/Height {size[1]}{entries}/Length {len(image)}>>\nstream\n"
        .encode() + image + b"\nendstream",
        f"<</Length {len(draw)}>>\nstream\n".encode() + draw + b"\nendstream",
    ]  # fmt: skip
    out, places = b"%PDF-1.5\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    head, tail = "xref\n0 6\n0000000000 65535 f \n", "trailer<</Size 6/Root 1 0 R>>\nstartxref\n"
    return out + f"{head}{table}{tail}{len(out)}\n".encode()


def fax_pdf(gray: Gray, dpi: int) -> bytes:
    picture = Image.fromarray(gray).convert("1", dither=Image.Dither.NONE)
    return by_pil(picture, "PDF", resolution=dpi)


def jbig2_pdf(gray: Gray, dpi: int) -> bytes:
    """One generic region in the fax code that JBIG2 allows."""
    height, width = gray.shape
    ink = np.where(gray < 128, np.uint8(0), np.uint8(255))
    data = by_pil(Image.fromarray(ink).convert("1"), "TIFF", compression="group4", tiffinfo={262: 0, 278: height})
    with Image.open(io.BytesIO(data)) as opened:
        at, sizes = opened.tag_v2[273], opened.tag_v2[279]
        assert len(at) == 1
        assert opened.tag_v2[262] == 0
    coded = data[at[0] : at[0] + sizes[0]]

    def segment(number: int, kind: int, body: bytes) -> bytes:
        return struct.pack(">IBBBI", number, kind, 0, 1, len(body)) + body

    page = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    region = struct.pack(">IIIIB", width, height, 0, 0, 0) + b"\x01" + coded
    stream = segment(0, 48, page) + segment(1, 38, region)
    return raw_pdf(stream, (width, height), dpi, "/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/JBIG2Decode")


def flate_pdf(gray: Gray, dpi: int) -> bytes:
    entries = "/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode"
    return raw_pdf(zlib.compress(gray.tobytes(), 1), gray.shape[::-1], dpi, entries)


def jpeg2000_pdf(gray: Gray, dpi: int) -> bytes:
    data = by_pil(Image.fromarray(gray), "JPEG2000", quality_mode="rates", quality_layers=[8])
    return raw_pdf(data, gray.shape[::-1], dpi, "/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/JPXDecode")


def in_pdf(**how: object) -> Writer:
    return lambda gray, dpi: pdf(jpeg(gray, dpi), gray.shape[::-1], dpi, **how)


WRITERS: dict[str, Writer] = {
    "JPEG": jpeg,
    "JPEG, progressive": lambda g, d: jpeg(g, d, progressive=True),
    "JPEG, colour": lambda g, d: jpeg(g, d, "RGB"),
    "JPEG, CMYK": lambda g, d: jpeg(g, d, "CMYK"),
    "JPEG, no dpi": lambda g, _: jpeg(g, 0),
    "JPEG, wrong dpi": lambda g, _: jpeg(g, 72),
    "PNG": png,
    "PNG, 2 bits": lambda g, d: png(few_levels(g, 2) * 85, d, "P", bits=8),
    "PNG, 4 bits": lambda g, d: by_pil(Image.fromarray(g).quantize(16), "PNG", bits=4, dpi=(d, d)),
    "PNG, 16 bits": lambda g, d: by_pil(Image.fromarray(g.astype(np.uint16) * 257), "PNG", compress_level=1),
    "PNG, colour": lambda g, d: png(g, d, "RGB"),
    "PNG, transparent": lambda g, d: by_pil(
        Image.fromarray(np.dstack([np.zeros((*g.shape, 3), np.uint8), 255 - g])), "PNG", compress_level=1
    ),
    "WebP, as a JPEG": lambda g, _: by_pil(Image.fromarray(g), "WEBP", quality=90),
    "WebP, no loss": lambda g, _: by_pil(Image.fromarray(g), "WEBP", lossless=True, quality=20),
    "WebP, transparent": lambda g, _: by_pil(
        Image.fromarray(np.dstack([np.zeros((*g.shape, 3), np.uint8), 255 - g])), "WEBP", lossless=True, quality=20
    ),
    "GIF": lambda g, _: by_pil(Image.fromarray(g), "GIF"),
    "JPEG 2000": lambda g, _: by_pil(Image.fromarray(g), "JPEG2000", quality_mode="rates", quality_layers=[8]),
    "JPEG 2000, bare": lambda g, _: by_pil(Image.fromarray(g).convert("RGB"), "JPEG2000", no_jp2=True),
    "BMP": bmp,
    "BMP, colour": lambda g, d: bmp(g, d, "RGB"),
    "TIFF": tiff,
    "TIFF, LZW": lambda g, d: tiff(g, d, compression="tiff_lzw"),
    "TIFF, deflate": lambda g, d: tiff(g, d, compression="tiff_adobe_deflate"),
    "TIFF, packbits": lambda g, d: tiff(g, d, compression="packbits"),
    "TIFF, JPEG": lambda g, d: tiff(g, d, compression="jpeg", quality=92),
    "TIFF, colour JPEG": lambda g, d: tiff(g, d, "RGB", compression="jpeg", quality=92),
    "TIFF, colour LZW": lambda g, d: tiff(g, d, "RGB", compression="tiff_lzw"),
    "TIFF, transparent": lambda g, d: tiff(g, d, "RGBA", compression="tiff_lzw"),
    "TIFF, CMYK": lambda g, d: tiff(g, d, "CMYK", compression="tiff_lzw"),
    "TIFF, palette": lambda g, d: by_pil(Image.fromarray(g).quantize(64), "TIFF", compression="tiff_lzw"),
    "TIFF, 16 bits": lambda g, d: by_pil(Image.fromarray(g.astype(np.uint16) * 257), "TIFF", compression="tiff_lzw"),
    "TIFF, 4 bits": lambda g, _: raw_tiff(gray_tags(g, bits=4), [packed(few_levels(g, 4), 4)]),
    "TIFF, white is 0": lambda g, _: raw_tiff(gray_tags(g, photometric=0), [(255 - g).tobytes()]),
    "TIFF, tiles": tiled_tiff,
    "TIFF, planes": planes_tiff,
    "TIFF, big": lambda g, d: tiff(g, d, compression="tiff_lzw", big_tiff=True),
    "PDF, JPEG": in_pdf(),
    "PDF, JPEG turned": in_pdf(turned=180),
    "PDF, JPEG lying, page turned": in_pdf(turned=90, rotate=90),
    "PDF, JPEG and unseen text": in_pdf(text="searchable", unseen=True),
    "PDF, JPEG and a remark": in_pdf(text="remark"),
    "PDF, JPEG in strips": in_pdf(strips=4),
    "PDF, deflate": flate_pdf,
    "PDF, JPEG 2000": jpeg2000_pdf,
}
BILEVEL: dict[str, Writer] = {
    "PNG, 1 bit": lambda g, d: png(g, d, "1", bits=1),
    "BMP, 1 bit": lambda g, d: bmp(g, d, "1"),
    "TIFF, G4": lambda g, d: tiff(g, d, "1", compression="group4"),
    "TIFF, G3": lambda g, d: tiff(g, d, "1", compression="group3"),
    "TIFF, G4, white is 0": lambda g, d: tiff(g, d, "1", compression="group4", tiffinfo={262: 0}),
    "TIFF, 1 bit": lambda g, d: tiff(g, d, "1"),
    "TIFF, 1 bit, white is 0": lambda g, _: raw_tiff(gray_tags(g, 1, 0), [packed((g < 128).astype(np.uint8), 1)]),
    "PDF, fax": fax_pdf,
    "PDF, JBIG2": jbig2_pdf,
}


def fax(gray: Gray, dpi: int, compression: str = "group3") -> bytes:
    """A TIFF whose dots are lower than wide by the half, as faxes have them."""
    high = cv2.resize(gray, (gray.shape[1], gray.shape[0] * 2), interpolation=cv2.INTER_CUBIC)
    return by_pil(Image.fromarray(black_and_white(high)).convert("1"), "TIFF", compression=compression,
                  tiffinfo={282: float(dpi), 283: float(dpi * 2), 296: 2})  # fmt: skip


def plain_cmyk(gray: Gray) -> bytes:
    """A JPEG of ink as ink, and without the mark that would say otherwise."""
    ink = Image.merge("CMYK", [Image.fromarray(np.full_like(gray, 255))] * 3 + [Image.fromarray(gray)])
    data = by_pil(ink, "JPEG", quality=92)
    at = data.find(b"\xff\xee")
    return data[:at] + data[at + 2 + int.from_bytes(data[at + 2 : at + 4], "big") :]


def black_and_white(gray: Gray) -> Gray:
    """What a scanner makes of it that knows no gray."""
    return np.where(cv2.GaussianBlur(gray, (3, 3), 0) > 140, np.uint8(255), np.uint8(0))
