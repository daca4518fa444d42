"""Writes small image files of every kind and what Pillow makes of them (SHA-256 of the RGB bytes).

    /usr/bin/python3 make_goldens.py        # Debian's Pillow 9.4, NumPy, torchvision

files/ gets the inputs, expected.json the sizes and hashes. The pixels are synthetic. "What Pillow makes of a file" is:
open, the first frame, ImageOps.exif_transpose, then convert("RGB"), over white where the image has transparency. The
kinds for which the engine decides otherwise are computed in `stated`, as docs/IMAGING.md says, and marked in the file.
"""
import hashlib
import io
import json
import os
import struct
import subprocess
import tempfile
import zlib

import numpy as np
from PIL import Image, ImageCms, ImageOps
from torchvision.transforms import functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = os.path.join(HERE, "files")
ORIENTATION = 0x0112


def photo(width, height, seed=1):
    """Smooth colour with edges and a little noise: something that chroma subsampling and ringing show on."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(float)
    red = 128 + 100 * np.sin(x / 7 + seed) + 20 * ((x // 5 + y // 9) % 2)
    green = 128 + 110 * np.cos(y / 5 - x / 11)
    blue = 255 * ((x - width / 2) ** 2 + (y - height / 2) ** 2 < (min(width, height) / 3) ** 2) + x - y
    noise = rng.normal(0, 6, (height, width, 3))
    return np.clip(np.stack([red, green, blue], -1) + noise, 0, 255).astype(np.uint8)


def digest(image):
    return hashlib.sha256(image.tobytes()).hexdigest()


def over_white(image):
    white = Image.new("RGB", image.size, "white")
    white.paste(image.convert("RGB"), mask=image.getchannel("A"))
    return white


def as_pillow(image):
    """First frame, upright, RGB, over white."""
    image = ImageOps.exif_transpose(image)
    if "transparency" in image.info or image.mode in ("LA", "PA", "RGBA", "La", "RGBa"):
        return over_white(image.convert("RGBA"))
    return image.convert("RGB")


def stated():
    """Where the engine's pixels are not Pillow's."""
    pixels = photo(61, 43)
    # Pillow 9.4 clips 16-bit grey at 255, which leaves a white picture; the high byte is meant, as it is for colour.
    yield "png-grey-16.png", np.repeat(pixels[..., 1:2], 3, axis=2)
    # What no frame covers is transparent, hence white; Pillow paints it in the first colour of the palette.
    canvas = np.full((43, 61, 3), 255, np.uint8)
    canvas[:20, :30] = np.asarray(Image.fromarray(pixels).crop((0, 0, 30, 20)).quantize(8).convert("RGB"))
    yield "gif-frame-in-canvas.gif", canvas
    # Five and six bits are brought to 0..255 rounded to nearest, where Pillow rounds down.
    wide = pixels.astype(int)
    five = ((wide >> 3) * 255 + 15) // 31
    yield "bmp-16-555.bmp", five.astype(np.uint8)
    five[..., 1] = ((wide[..., 1] >> 2) * 255 + 31) // 63
    yield "bmp-16-565.bmp", five.astype(np.uint8)


def exif(orientation, thumbnail=None):
    """A TIFF block with the orientation, and a thumbnail in a second directory if there is one."""
    first = struct.pack("<HHHIHH", 1, ORIENTATION, 3, 1, orientation, 0)
    if thumbnail is None:
        return b"Exif\0\0II*\0" + struct.pack("<I", 8) + first + struct.pack("<I", 0)
    second_at = 8 + len(first) + 4
    data_at = second_at + 2 + 3 * 12 + 4
    second = struct.pack("<HHHIHHHHIIHHII", 3, 0x0103, 3, 1, 6, 0, 0x0201, 4, 1, data_at, 0x0202, 4, 1, len(thumbnail))
    return (b"Exif\0\0II*\0" + struct.pack("<I", 8) + first + struct.pack("<I", second_at)
            + second + struct.pack("<I", 0) + thumbnail)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, colour, samples, extra=b"", interlaced=False):
    """A PNG of any depth and colour type; samples: rows x columns x channels of unsigned integers."""
    samples = np.asarray(samples).reshape(height, width, -1)

    def rows(part):
        out = b""
        for row in part:
            flat = row.reshape(-1)
            if depth == 16:
                line = flat.astype(">u2").tobytes()
            elif depth == 8:
                line = flat.astype(np.uint8).tobytes()
            else:
                bits = "".join(format(int(v), f"0{depth}b") for v in flat)
                bits += "0" * (-len(bits) % 8)
                line = bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
            out += b"\0" + line
        return out

    if interlaced:
        passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
        parts = [samples[y::dy, x::dx] for x, y, dx, dy in passes]
        data = b"".join(rows(p) for p in parts if p.size)
    else:
        data = rows(samples)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra
            + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b""))


def saved(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def resampled(jpeg, width, height, luma):
    """A baseline JPEG whose frame header says other sampling factors with as many blocks to the MCU."""
    at = jpeg.index(b"\xff\xc0")
    patched = bytearray(jpeg)
    patched[at + 5:at + 9] = struct.pack(">HH", height, width)
    patched[at + 11] = luma
    return bytes(patched)


ARITHMETIC = r"""
#include <stdio.h>
#include <jpeglib.h>
int main(int argc, char **argv) {
    struct jpeg_compress_struct c; struct jpeg_error_mgr e;
    unsigned char row[3 * 61]; JSAMPROW rows[1] = { row };
    c.err = jpeg_std_error(&e); jpeg_create_compress(&c); jpeg_stdio_dest(&c, stdout);
    c.image_width = 61; c.image_height = 43; c.input_components = 3; c.in_color_space = JCS_RGB;
    jpeg_set_defaults(&c); c.arith_code = TRUE; jpeg_start_compress(&c, TRUE);
    while (c.next_scanline < 43) { fread(row, 1, sizeof row, stdin); jpeg_write_scanlines(&c, rows, 1); }
    jpeg_finish_compress(&c);
}
"""


def arithmetic(image):
    """Pillow cannot write arithmetic coding; libjpeg-turbo can (needs gcc and libjpeg-dev)."""
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "encode")
        subprocess.run(["gcc", "-xc", "-", "-o", program, "-ljpeg"], input=ARITHMETIC.encode(), check=True,
                       stderr=subprocess.DEVNULL)
        return subprocess.run([program], input=image.tobytes(), check=True, capture_output=True).stdout


def with_restarts(image, every, **options):
    """Pillow 9.4 cannot write restart markers: each row of MCUs of a 4:4:4 image, coded alone, joined by RSTn."""
    strips = [saved(image.crop((0, y, image.width, min(y + 8, image.height))), "JPEG", subsampling=0, **options)
              for y in range(0, image.height, every)]
    whole = bytearray(saved(image, "JPEG", subsampling=0, **options))
    sos = whole.index(b"\xff\xda")
    head, scan = whole[:sos], whole[sos:sos + 14]
    data = b""
    for i, strip in enumerate(strips):
        at = strip.index(b"\xff\xda") + 14
        data += strip[at:-2] + (b"\xff" + bytes([0xd0 + i % 8]) if i + 1 < len(strips) else b"")
    interval = struct.pack(">HHH", 0xffdd, 4, (image.width + 7) // 8)
    return bytes(head) + interval + bytes(scan) + data + b"\xff\xd9"


def jpegs():
    for width, height in [(64, 48), (61, 43), (17, 9), (1, 1), (3, 50)]:
        for name, subsampling in [("444", 0), ("422", 1), ("420", 2)]:
            image = Image.fromarray(photo(width, height))
            yield f"jpeg-{name}-{width}x{height}.jpg", saved(image, "JPEG", quality=88, subsampling=subsampling)
    wide = Image.fromarray(photo(64, 48))
    h2v1, h2v2 = saved(wide, "JPEG", subsampling=1), saved(wide, "JPEG", subsampling=2)
    yield "jpeg-440.jpg", resampled(h2v1, 45, 61, 0x12)
    yield "jpeg-411.jpg", resampled(h2v2, 125, 23, 0x41)
    yield "jpeg-441.jpg", resampled(h2v2, 30, 93, 0x14)
    odd = Image.fromarray(photo(61, 43, 2))
    for name, subsampling in [("444", 0), ("420", 2)]:
        yield f"jpeg-progressive-{name}.jpg", saved(odd, "JPEG", quality=80, progressive=True, subsampling=subsampling)
    yield "jpeg-quality-5.jpg", saved(odd, "JPEG", quality=5)
    yield "jpeg-quality-100.jpg", saved(odd, "JPEG", quality=100, subsampling=0)
    yield "jpeg-restarts.jpg", with_restarts(odd, 8, quality=85)
    yield "jpeg-grey.jpg", saved(odd.convert("L"), "JPEG")
    yield "jpeg-grey-progressive.jpg", saved(odd.convert("L"), "JPEG", progressive=True)
    cmyk = Image.fromarray(np.dstack([photo(61, 43, 3), photo(61, 43, 4)[..., 0] // 3]), "CMYK")
    adobe = saved(cmyk, "JPEG", quality=90)
    yield "jpeg-cmyk-adobe.jpg", adobe
    at = adobe.index(b"Adobe")
    yield "jpeg-ycck-adobe.jpg", adobe[:at + 11] + b"\x02" + adobe[at + 12:]
    yield "jpeg-cmyk-plain.jpg", adobe[:at - 4] + adobe[at + 12:]
    rgb = saved(odd, "JPEG", quality=90, subsampling=0)
    jfif = rgb.index(b"\xff\xe0")
    marker = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
    yield "jpeg-rgb-adobe.jpg", rgb[:jfif] + marker + rgb[jfif + 18:]
    yield "jpeg-no-jfif.jpg", rgb[:jfif] + rgb[jfif + 18:]
    yield "jpeg-trailing-bytes.jpg", saved(odd, "JPEG") + b"\0\xff\xd8trailing" * 5
    yield "jpeg-icc.jpg", saved(odd, "JPEG", icc_profile=swapped_profile())
    thumbnail = saved(odd.resize((16, 12)), "JPEG", quality=40)
    yield "jpeg-arithmetic.jpg", arithmetic(odd)
    yield "jpeg-exif-thumbnail.jpg", saved(odd, "JPEG", exif=exif(6, thumbnail))
    for orientation in range(0, 10):
        yield f"jpeg-orientation-{orientation}.jpg", saved(Image.fromarray(photo(23, 14)), "JPEG", exif=exif(orientation))


def swapped_profile():
    """An sRGB profile with red and blue exchanged: whoever applies it gets other colours."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)    # the time of creation: same bytes on every run
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red:red + 4], profile[blue:blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile)


def pngs():
    colour = photo(61, 43)
    rng = np.random.default_rng(5)
    alpha = (rng.integers(0, 256, (43, 61)) * (rng.random((43, 61)) < 0.7)).astype(np.uint8)
    grey = colour[..., 1]
    palette = rng.integers(0, 256, (256, 3)).astype(np.uint8)
    high = colour.astype(np.uint16) * 256 + rng.integers(0, 256, colour.shape).astype(np.uint16)
    alpha16 = alpha.astype(np.uint16) * 256 + rng.integers(0, 256, alpha.shape).astype(np.uint16)
    yield "png-rgb.png", png(61, 43, 8, 2, colour)
    yield "png-rgb-interlaced.png", png(61, 43, 8, 2, colour, interlaced=True)
    yield "png-rgb-noise.png", png(97, 61, 8, 2, rng.integers(0, 256, (61, 97, 3)))
    yield "png-rgb-filters.png", saved(Image.fromarray(colour), "PNG", optimize=True)
    yield "png-rgba.png", png(61, 43, 8, 6, np.dstack([colour, alpha]))
    yield "png-rgba-interlaced.png", png(61, 43, 8, 6, np.dstack([colour, alpha]), interlaced=True)
    yield "png-grey-alpha.png", png(61, 43, 8, 4, np.dstack([grey, alpha]))
    for depth in (1, 2, 4, 8):
        yield f"png-grey-{depth}.png", png(61, 43, depth, 0, grey >> (8 - depth))
        part = palette[:2 ** depth].tobytes()
        yield f"png-palette-{depth}.png", png(61, 43, depth, 3, grey >> (8 - depth), chunk(b"PLTE", part))
        tables = chunk(b"PLTE", part) + chunk(b"tRNS", bytes([0, 128, 255, 7][:2 ** depth]))
        yield f"png-palette-transparent-{depth}.png", png(61, 43, depth, 3, grey >> (8 - depth), tables)
    short = chunk(b"PLTE", palette[:8].tobytes())
    yield "png-palette-interlaced.png", png(61, 43, 4, 3, grey >> 5, short, interlaced=True)
    yield "png-grey-key.png", png(61, 43, 8, 0, grey, chunk(b"tRNS", struct.pack(">H", int(grey[3, 4]))))
    yield "png-rgb-key.png", png(61, 43, 8, 2, colour, chunk(b"tRNS", struct.pack(">HHH", *map(int, colour[3, 4]))))
    yield "png-rgb-16.png", png(61, 43, 16, 2, high)
    yield "png-rgba-16.png", png(61, 43, 16, 6, np.dstack([high, alpha16]))
    yield "png-grey-16.png", png(61, 43, 16, 0, high[..., 1])
    yield "png-grey-alpha-16.png", png(61, 43, 16, 4, np.dstack([high[..., 1], alpha16]))
    yield "png-gamma.png", png(61, 43, 8, 2, colour, chunk(b"gAMA", struct.pack(">I", 100000)))
    icc = b"swapped\0\0" + zlib.compress(swapped_profile())
    yield "png-icc.png", png(61, 43, 8, 2, colour, chunk(b"iCCP", icc))
    yield "png-orientation-6.png", png(61, 43, 8, 2, colour, chunk(b"eXIf", exif(6)[6:]))
    yield "png-trailing-bytes.png", png(61, 43, 8, 2, colour) + b"trailing" * 5
    yield "png-1x1.png", png(1, 1, 8, 2, colour[:1, :1])
    yield "png-1x5000.png", png(1, 5000, 8, 2, photo(1, 5000))
    yield "png-5000x1.png", png(5000, 1, 8, 2, photo(5000, 1))


def others():
    colour = Image.fromarray(photo(61, 43))
    alpha = Image.fromarray(np.random.default_rng(6).integers(0, 256, (43, 61)).astype(np.uint8))
    clear = colour.copy()
    clear.putalpha(alpha)
    yield "webp-lossy.webp", saved(colour, "WEBP", quality=70)
    yield "webp-lossless.webp", saved(colour, "WEBP", lossless=True)
    yield "webp-lossy-alpha.webp", saved(clear, "WEBP", quality=70)
    yield "webp-lossless-alpha.webp", saved(clear, "WEBP", lossless=True, exact=True)
    yield "webp-icc.webp", saved(colour, "WEBP", quality=70, icc_profile=swapped_profile())
    yield "webp-orientation-6.webp", saved(colour, "WEBP", quality=70, exif=exif(6))
    frames = [Image.fromarray(photo(61, 43, seed)) for seed in (1, 8, 9)]
    yield "webp-animated.webp", saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=50, quality=60)
    yield "webp-trailing-bytes.webp", saved(colour, "WEBP", quality=70) + b"trailing" * 5
    yield "gif.gif", saved(colour.convert("P", palette=Image.Palette.ADAPTIVE, colors=64), "GIF")
    yield "gif-interlaced.gif", saved(colour.quantize(32), "GIF", interlace=1)
    yield "gif-grey.gif", saved(colour.convert("L"), "GIF")
    keyed = colour.quantize(16)
    yield "gif-transparent.gif", saved(keyed, "GIF", transparency=3)
    reduced = [f.quantize(16) for f in frames]
    yield "gif-animated.gif", saved(reduced[0], "GIF", save_all=True, append_images=reduced[1:], duration=50)
    yield "gif-trailing-bytes.gif", saved(keyed, "GIF") + b"trailing" * 5
    small = bytearray(saved(colour.crop((0, 0, 30, 20)).quantize(8), "GIF"))
    small[6:10] = struct.pack("<HH", 61, 43)                # the frame lies in a larger canvas
    yield "gif-frame-in-canvas.gif", bytes(small)
    yield "bmp-24.bmp", saved(colour, "BMP")
    yield "bmp-32.bmp", saved(clear, "BMP")
    yield "bmp-8-grey.bmp", saved(colour.convert("L"), "BMP")
    yield "bmp-8-palette.bmp", saved(colour.quantize(100), "BMP")
    yield "bmp-1.bmp", saved(colour.convert("1"), "BMP")
    yield "bmp-top-down.bmp", top_down(saved(colour, "BMP"))
    yield "bmp-16-555.bmp", bmp_16(photo(61, 43), None)
    yield "bmp-16-565.bmp", bmp_16(photo(61, 43), (0xF800, 0x07E0, 0x001F))
    yield "bmp-8-rle.bmp", bmp_rle(colour.quantize(100))
    yield "bmp-trailing-bytes.bmp", saved(colour, "BMP") + b"trailing" * 5


def top_down(bmp):
    height = struct.unpack("<i", bmp[22:26])[0]
    stride = (len(bmp) - 54) // height
    rows = [bmp[54 + i * stride:54 + (i + 1) * stride] for i in range(height)]
    return bmp[:22] + struct.pack("<i", -height) + bmp[26:54] + b"".join(reversed(rows))


def bmp_16(pixels, masks):
    height, width, _ = pixels.shape
    red, green, blue = (pixels[..., c].astype(int) for c in range(3))
    value = (red >> 3 << 11 | green >> 2 << 5 | blue >> 3) if masks else (red >> 3 << 10 | green >> 3 << 5 | blue >> 3)
    rows = b"".join(row.astype("<u2").tobytes() + b"\0" * (2 * width % 4 and 2) for row in value[::-1])
    table = struct.pack("<III", *masks) if masks else b""
    at = 54 + len(table)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 16, 3 if masks else 0, len(rows), 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", at + len(rows), 0, 0, at) + info + table + rows


def bmp_rle(image):
    """Run-length coded, every run of length 1 or 2."""
    table = image.getpalette()
    colours = b"".join(bytes([table[i + 2], table[i + 1], table[i], 0]) for i in range(0, 300, 3))
    data = b""
    for row in np.asarray(image)[::-1]:
        x = 0
        while x < len(row):
            run = 2 if x + 1 < len(row) and row[x] == row[x + 1] else 1
            data += bytes([run, row[x]])
            x += run
        data += b"\0\0"
    data += b"\0\1"
    at = 54 + len(colours)
    info = struct.pack("<IiiHHIIiiII", 40, image.width, image.height, 1, 8, 1, len(data), 0, 0, 100, 0)
    return b"BM" + struct.pack("<IHHI", at + len(data), 0, 0, at) + info + colours + data


def decoded(name, data, other):
    image = as_pillow(Image.open(io.BytesIO(data)))
    case = {"file": name, "width": image.width, "height": image.height, "sha256": digest(image)}
    if name in other:
        case.update(sha256=hashlib.sha256(other[name].tobytes()).hexdigest(), stated=True)
    return case


FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC, "nearest": Image.Resampling.NEAREST}


def resizes(files):
    sizes = {
        "png-rgb-noise.png": [(1, 1), (1, 200), (200, 1), (96, 60), (97, 30), (40, 61), (98, 62), (224, 224), (500, 3),
                              (3, 400), (13, 7), (291, 183), (48, 31)],
        "png-rgb.png": [(224, 158), (30, 21), (7, 300)],
        "png-1x1.png": [(1, 9), (256, 256)],
        "png-1x5000.png": [(5, 5), (3, 20000)],
        "png-5000x1.png": [(5, 5), (20000, 3)],
    }
    for name, wanted in sizes.items():
        image = Image.open(io.BytesIO(files[name])).convert("RGB")
        for width, height in wanted:
            for word, resample in FILTERS.items():
                out = image.resize((width, height), resample)
                yield {"file": name, "width": width, "height": height, "filter": word, "sha256": digest(out)}


def geometries(files):
    """torchvision's Resize(short side) and CenterCrop on a Pillow image."""
    cases = [("png-rgb-noise.png", 256, 224), ("png-rgb-noise.png", 64, 64), ("png-rgb-noise.png", 61, 33),
             ("png-rgb-noise.png", 32, 224), ("png-rgb-noise.png", 50, 60), ("png-rgb-noise.png", 57, 58),
             ("png-rgb-noise.png", 30, 47), ("jpeg-orientation-6.jpg", 256, 224), ("jpeg-3x50", 33, 24),
             ("png-1x1.png", 256, 224), ("png-1x5000.png", 4, 3), ("png-5000x1.png", 8, 11)]
    for name, short, size in cases:
        name = "jpeg-420-3x50.jpg" if name == "jpeg-3x50" else name
        image = as_pillow(Image.open(io.BytesIO(files[name])))
        for word in ("bilinear", "bicubic"):
            mode = getattr(F.InterpolationMode, word.upper())
            out = F.center_crop(F.resize(image, short, mode), size)
            yield {"file": name, "resizeTo": short, "size": size, "filter": word, "sha256": digest(out)}


def main():
    os.makedirs(FILES, exist_ok=True)
    files = {name: data for part in (jpegs(), pngs(), others()) for name, data in part}
    for name, data in files.items():
        with open(os.path.join(FILES, name), "wb") as f:
            f.write(data)
    other = dict(stated())
    expected = {
        "pillow": Image.__version__,
        "decoded": [decoded(name, data, other) for name, data in files.items()],
        "resized": list(resizes(files)),
        "geometry": list(geometries(files)),
    }
    with open(os.path.join(HERE, "expected.json"), "w") as f:
        # One case to a line, so that a change shows as the lines it touches.
        cases = {k: [json.dumps(case) for case in v] for k, v in expected.items() if k != "pillow"}
        parts = [f'"{k}": [\n' + ",\n".join(lines) + "\n]" for k, lines in cases.items()]
        f.write(",\n".join([f'{{"pillow": "{Image.__version__}"', *parts]) + "}\n")
    total = sum(map(len, files.values()))
    print(f"{len(files)} files, {total:,} bytes, Pillow {Image.__version__}")


if __name__ == "__main__":
    main()
