# SPDX-License-Identifier: GPL-2.0-or-later
"""Tar archives byte by byte, so that every field can be wrong."""

END = bytes(1024)


def number(value, width):
    """Bytes as they are; octal, or binary for what octal digits cannot say."""
    if isinstance(value, bytes):
        return value
    if 0 <= value < 8 ** (width - 1):
        return b"%0*o\0" % (width - 1, value)
    raw = value.to_bytes(width, "big", signed=True)
    return bytes([raw[0] | 0x80]) + raw[1:]


def padded(data):
    return data + bytes(-len(data) % 512)


def header(name, kind=b"0", size=0, mode=0o644, uid=0, gid=0, mtime=0, link=b"", prefix=b"", major=0, minor=0,
           magic=b"ustar\00000", rest=b"", checksum=None):
    """A header of 512 bytes; numbers may be given as the bytes of the field."""
    name, link = encode(name), encode(link)
    fields = [
        (name, 100), (number(mode, 8), 8), (number(uid, 8), 8), (number(gid, 8), 8), (number(size, 12), 12),
        (number(mtime, 12), 12), (b" " * 8, 8), (kind, 1), (link, 100), (magic, 8), (b"", 32), (b"", 32),
        (number(major, 8), 8), (number(minor, 8), 8), (encode(prefix), 155), (rest, 12),
    ]
    block = b"".join(value[:width].ljust(width, b"\0") for value, width in fields)
    return block[:148] + (b"%06o\0 " % sum(block) if checksum is None else checksum) + block[156:]


def encode(text):
    return text if isinstance(text, bytes) else text.encode()


def entry(name, data=b"", **fields):
    """A header with its data; a name or link that is too long is told by a pax header."""
    data, fields = encode(data), dict(fields)
    fields.setdefault("size", len(data))
    long = []
    if len(encode(name)) > 100:
        long.append(("path", name))
    if len(encode(fields.get("link", b""))) > 100:
        long.append(("linkpath", fields["link"]))
    return (pax(*long) if long else b"") + header(name, **fields) + padded(data)


def directory(name, **fields):
    return entry(name, kind=b"5", **{"mode": 0o755, **fields})


def symlink(name, target, **fields):
    return entry(name, kind=b"2", link=target, mode=0o777, **fields)


def hardlink(name, target, **fields):
    return entry(name, kind=b"1", link=target, **fields)


def node(name, kind, major, minor, **fields):
    return entry(name, kind=kind, major=major, minor=minor, **fields)


def record(key, value):
    body = b" " + encode(key) + b"=" + encode(value) + b"\n"
    size = len(body)
    while size != len(str(size)) + len(body):
        size = len(str(size)) + len(body)
    return str(size).encode() + body


def pax(*records, kind=b"x", **fields):
    """An extended header; a record is a pair, or bytes as they are."""
    body = b"".join(r if isinstance(r, bytes) else record(*r) for r in records)
    return entry("PaxHeaders/x", body, kind=kind, **fields)


def gnu_long(text, kind=b"L", **fields):
    text = encode(text) + b"\0"
    return entry("././@LongLink", text, kind=kind, magic=b"ustar  \0", **fields)
