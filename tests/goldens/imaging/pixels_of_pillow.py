"""For each path read from standard input: what Pillow makes of the file, as raw bytes on standard output.

Three little-endian 32-bit numbers come first: width and height of the image, and the side S of the two squares; then the
RGB bytes of the image, and of its middle S x S after a resize of the short side to 256, bilinear and bicubic. Sizes are
torchvision's, in plain Python. A test compares all of it with the engine's pixels.
"""
import struct
import sys

from PIL import Image, ImageOps

SHORT, SIDE = 256, 224


def squares(image):
    width, height = image.size
    if width <= height:
        size = SHORT, int(SHORT * height / width)
    else:
        size = int(SHORT * width / height), SHORT
    left, top = (round((length - SIDE) / 2.0) for length in size)
    for resample in (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC):
        yield image.resize(size, resample).crop((left, top, left + SIDE, top + SIDE))


def main():
    out = sys.stdout.buffer
    for line in sys.stdin:
        image = ImageOps.exif_transpose(Image.open(line.rstrip("\n"))).convert("RGB")
        out.write(struct.pack("<3i", *image.size, SIDE))
        out.write(image.tobytes())
        for square in squares(image):
            out.write(square.tobytes())
    out.flush()


if __name__ == "__main__":
    main()
