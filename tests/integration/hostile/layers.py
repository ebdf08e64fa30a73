# SPDX-License-Identifier: GPL-2.0-or-later
"""Layers that are hostile, each with a twin that differs only in what makes it so.

A row is (group, name, flags, said, make).  make(pick) builds the entries: pick(evil, good) is where the two differ.
With the flag "r" the evil one is refused and `said` is a part of the sentence; else it is imported, and `said` is a
file that the layer then has.  "a": armed, a trusting extractor changes the directory outside.  "t": no twin.
"""
import os

from tarball import directory, entry, gnu_long, hardlink, header, node, pax, record, symlink

OUT = os.environ["OUTSIDE"]     # the directory that must not change
UP = "../../../../outside"  # the same from where the layer is unpacked, and from where the naive extractor unpacks
TRUSTED = "trusted.overlay."


def named(evil, good="new"):
    return lambda pick: entry(pick(evil, good), b"x")


def behind(*trap, good=b"", path="d/new"):
    """A file through what the trap has made of "d"."""
    return lambda pick: (b"".join(trap) if pick(1, 0) else good or directory("d")) + entry(path, b"x")


NAMES = [
    ("dotdot", "ra", '".." in its name', named(UP + "/new")),
    ("dotdot-inside", "ra", '".." in its name', lambda p: directory("a") + entry(p("a/../" + UP + "/new", "a/new"), b"x")),
    ("dotdot-last", "r", '".." in its name', lambda p: directory(p("a/..", "a/b"))),
    ("dotdot-pax", "ra", '".." in its name', lambda p: pax(("path", p(UP + "/new", "new"))) + entry("y", b"x")),
    ("dotdot-gnu", "ra", '".." in its name', lambda p: gnu_long(p(UP + "/new", "new")) + entry("y", b"x", magic=b"ustar  \0")),
    ("dotdot-prefix", "ra", '".." in its name', lambda p: entry("new", b"x", prefix=p(UP, "dir"))),
    ("dotdot-directory", "ra", '".." in its name', lambda p: directory(p(UP, "d"), mode=0o777)),
    ("dotdot-symlink", "ra", '".." in its name', lambda p: symlink(p(UP + "/new", "new"), "x")),
    ("dotdot-fifo", "ra", '".." in its name', lambda p: node(p(UP + "/new", "new"), b"6", 0, 0)),
    ("absolute", "a", "{out}/new", named(OUT + "/new")),
    ("absolute-dotdot", "r", '".." in its name', named("/../../new")),
    ("absolute-slashes", "a", "{out}/new", named("/" + OUT + "//./new")),
    ("empty", "r", "has no name", lambda p: header(p("", "new"))),
    ("empty-pax", "r", "has no name", lambda p: pax(("path", p("", "new"))) + header("")),
    ("root-as-file", "r", "would replace the root directory", named(".")),
    ("root-as-slash", "r", "is damaged", named("/")),
    ("root-as-symlink", "r", "would replace the root directory", lambda p: symlink(p("./", "d"), OUT) + entry("new", b"x")),
    ("root-as-device", "r", "would replace the root directory", lambda p: node(p(".", "d"), b"3", 1, 3)),
    ("root-as-hardlink", "r", "would replace the root directory", lambda p: entry("f") + hardlink(p("./", "d"), "f")),
    ("long-part", "r", "more than 255 bytes", named("x" * 256, "x" * 255)),
    ("long-path", "r", "more than 4095 bytes", named("dir/" * 1100 + "x", "dir/" * 1000 + "x")),
    ("long-megabytes", "r", "is damaged", lambda p: gnu_long("x/" * p(3 << 20, 100) + "y") + entry("y", b"x", magic=b"ustar  \0")),
    ("control", "r", '".." in its name', named("a\n\x1b[31m\r\x9b/../../b", "a\n\x1b[31m\r\x9bb")),
    ("not-utf8", "", "\udcff\udcfe", lambda p: pax(("path", b"\xff\xfe")) + entry("y", b"x")),
    ("nul-pax", "", "", lambda p: pax(("path", p(b"a\0/../" + UP.encode() + b"/new", b"a"))) + entry("y", b"x")),
    ("nul-field", "", "a", lambda p: entry(p(b"a\0/../../b", b"a"), b"x")),
    ("charset", "ra", '".." in its name', lambda p: pax(("hdrcharset", "BINARY"), ("path", p(UP + "/new", "new"))) + entry("y", b"x")),
    ("prefix-dot", "", "new", named("./././/new")),
]

LINKS = [
    ("symlink", "ra", "goes through a symbolic link", behind(symlink("d", OUT))),
    ("symlink-up", "ra", "goes through a symbolic link", behind(symlink("d", UP))),
    ("symlink-chain", "ra", "goes through a symbolic link", behind(symlink("e", OUT), symlink("d", "e"))),
    ("symlink-deep", "ra", "goes through a symbolic link", behind(symlink("d", OUT), path="d/deep/er/new")),
    ("symlink-loop", "r", "goes through a symbolic link", behind(symlink("e", "d"), symlink("d", "e"))),
    ("symlink-inside", "r", "goes through a symbolic link", behind(directory("e"), symlink("d", "e"))),
    ("symlink-root", "ra", "goes through a symbolic link", behind(symlink("d", "/"), path="d" + OUT + "/new")),
    ("symlink-hardlinked", "ra", "goes through a symbolic link", behind(symlink("e", OUT), hardlink("d", "e"))),
    ("symlink-then-directory", "ra", "goes through a symbolic link", lambda p: p(symlink("d", OUT), directory("d")) + directory("d/new")),
    ("symlink-replaced", "a", "d/new", behind(symlink("d", OUT), directory("d", mode=0o700))),
    ("symlink-chmod", "a", "d", lambda p: p(symlink("d", OUT), directory("d")) + directory("d", mode=0o777)),
    ("symlink-then-file", "a", "d", lambda p: p(symlink("d", OUT + "/marker"), b"") + entry("d", b"overwritten")),
    ("symlink-then-fifo", "a", "d/new", lambda p: p(symlink("d", OUT), b"") + directory("d") + node("d/new", b"6", 0, 0)),
    ("symlink-long", "r", "a symbolic link to nothing that can be", lambda p: symlink("d", p("x" * 5000, "x" * 4000))),
    ("symlink-empty", "r", "a symbolic link to nothing that can be", lambda p: symlink("d", p("", "x"))),
    ("symlink-nul", "", "d", lambda p: pax(("linkpath", p(b"x\0y", b"x"))) + symlink("d", "y")),
    ("symlink-not-utf8", "", "d", lambda p: pax(("linkpath", p(b"\xff\xfe", b"x"))) + symlink("d", "y")),
    ("directory-to-symlink", "r", "goes through a symbolic link",
     lambda p: directory("d") + entry("d/a", b"x") + p(symlink("d", OUT), b"") + entry("d/new", b"x")),
    ("above-to-symlink", "r", "goes through a symbolic link",
     lambda p: directory("e") + directory("e/d") + entry("e/d/a", b"x") + p(symlink("e", OUT), b"") + entry("e/d/b", b"x")),
    ("above-to-file", "r", "goes through something that is no directory",
     lambda p: directory("e/d") + entry("e/d/a", b"x") + p(entry("e"), b"") + entry("e/d/b", b"x")),
    ("above-and-again", "", "e/d/b", lambda p: directory("e/d") + entry("e/d/a", b"x") + p(entry("e") + directory("e"), b"") + entry("e/d/b", b"x")),
    ("file-as-directory", "r", "goes through something that is no directory", behind(entry("d"))),
    ("device-as-directory", "r", "goes through something that is no directory", behind(node("d", b"3", 1, 3))),
    ("hardlink-absolute", "ra", "a hard link to what is not in the layer",
     lambda p: entry("f") + hardlink("d", p(OUT + "/marker", "f")) + entry("d", b"overwritten")),
    ("hardlink-up", "ra", '".." in its name', lambda p: entry("f") + hardlink("d", p(UP + "/marker", "f")) + entry("d", b"overwritten")),
    ("hardlink-through", "ra", "a hard link through a symbolic link",
     lambda p: p(symlink("e", OUT), directory("e") + entry("e/marker")) + hardlink("d", "e/marker") + entry("d", b"overwritten")),
    ("hardlink-of-symlink", "a", "d", lambda p: symlink("f", p(OUT + "/marker", "x")) + hardlink("d", "f") + entry("d", b"overwritten")),
    ("hardlink-chmod", "ra", "a hard link to what is not in the layer", lambda p: entry("f") + hardlink("d", p(OUT + "/marker", "f"), mode=0o4777)),
    ("hardlink-nothing", "r", "a hard link to what is not in the layer", lambda p: p(b"", entry("f")) + hardlink("d", "f")),
    ("hardlink-later", "r", "a hard link to what is not in the layer", lambda p: p(b"", entry("f")) + hardlink("d", "f") + entry("f")),
    ("hardlink-itself", "r", "a hard link to what is not in the layer", lambda p: p(b"", entry("d")) + hardlink("d", "./d")),
    ("hardlink-directory", "r", "make the hard link", lambda p: p(directory("f"), entry("f")) + hardlink("d", "f")),
    ("hardlink-replaces-target", "r", "a hard link", lambda p: directory("f") + entry("f/a") + hardlink(p("f", "d"), "f/a")),
    ("hardlink-empty", "r", "of a kind that kist does not unpack", lambda p: entry("f") + hardlink("d", p("", "f"))),
    ("hardlink-long", "r", "bytes", lambda p: entry("f") + hardlink("d", p("x" * 9000, "f"))),
    ("hardlink-root", "r", "a hard link", lambda p: entry("f") + hardlink("d", p("/", "f"))),
    ("hardlink-data", "", "d", lambda p: entry("f", b"1") + hardlink("d", "f", size=p(512, 0)) + p(bytes(512), b"")),
]

WHITEOUTS = [
    ("parent", "r", "hides nothing that can be", lambda p: directory("d") + entry("d/.wh." + p("..", "x"))),
    ("self", "r", "hides nothing that can be", lambda p: directory("d") + entry("d/.wh." + p(".", "x"))),
    ("nothing", "r", "hides nothing that can be", lambda p: directory("d") + entry("d/.wh." + p("", "x"))),
    ("parent-of-root", "r", "hides nothing that can be", lambda p: entry(".wh." + p("..", "x"))),
    ("up", "ra", '".." in its name', lambda p: entry(p(UP + "/", "") + ".wh.marker")),
    ("through", "ra", "goes through a symbolic link", behind(symlink("d", OUT), path="d/.wh.marker")),
    ("opaque-through", "ra", "goes through a symbolic link", behind(symlink("d", OUT), path="d/.wh..wh..opq")),
    ("opaque-up", "ra", '".." in its name', lambda p: entry(p(UP + "/", "") + ".wh..wh..opq")),
    ("as-directory", "r", "is below a whiteout", lambda p: p(directory(".wh.d"), directory("d")) + entry(p(".wh.d/x", "d/x"))),
    ("nothing-as-directory", "r", "is below a whiteout", lambda p: entry(p(".wh./x", "d/x"))),
    ("opaque-as-directory", "", "", lambda p: entry(p(".wh..wh..opq/x", "d/x"))),
    ("opaque-as-symlink", "", "d", lambda p: directory("d") + p(symlink("d/.wh..wh..opq", OUT), entry("d/.wh..wh..opq"))),
    ("as-symlink", "", "d", lambda p: directory("d") + p(symlink("d/.wh.x", OUT), entry("d/.wh.x"))),
    ("as-hardlink", "", "d", lambda p: directory("d") + entry("f") + p(hardlink("d/.wh.x", OUT + "/marker"), entry("d/.wh.x"))),
    ("of-symlink", "", "d", lambda p: p(symlink("d", OUT + "/marker"), entry("d")) + entry(".wh.d")),
    ("with-data", "", "d", lambda p: directory("d") + entry("d/.wh.x", p(b"x" * 3000, b""))),
    ("notes-of-aufs", "", "f", lambda p: entry(p(".wh..wh.plnk", "f")) + entry("f")),
    ("long", "r", "more than 255 bytes", lambda p: entry(".wh." + "x" * p(252, 251))),
    ("then-inside", "", "d/x", lambda p: p(entry(".wh.d"), b"") + entry("d/x")),
    ("many", "", "d", lambda p: directory("d") + entry("d/.wh..wh..opq") * p(300, 1)),
]

DEVICES = [
    ("zero", "r", "is a device 0:0", lambda p: node("d", b"3", 0, p(0, 1))),
    ("zero-over-file", "r", "is a device 0:0", lambda p: entry("d", b"x") + node("d", b"3", 0, p(0, 1))),
    ("zero-hardlink", "r", "a hard link to what is not in the layer", lambda p: p(entry(".wh.f"), entry("f")) + hardlink("d", "f")),
    ("zero-block", "", "d", lambda p: node("d", b"4", 0, p(0, 1))),
    ("zero-fifo", "", "d", lambda p: node("d", b"6", 0, p(0, 1))),
    ("large", "r", "make the device or fifo", lambda p: node("d", b"3", p(0o7777777, 1), p(0o7777777, 3))),
    ("larger", "", "d", lambda p: node("d", b"4", p(1 << 40, 8), 1)),
    ("below-zero", "r", "make the device or fifo", lambda p: node("d", b"4", p(-1, 8), p(-1, 1))),
    ("garbage", "r", "is damaged", lambda p: node("d", b"4", p(b"zz zz zz", 8), p(b"\xff" * 8, 1))),
    ("negative-pax", "r", "make the device or fifo", lambda p: pax(("SCHILY.devmajor", p("-1", "1")), ("SCHILY.devminor", p("-1", "1"))) + node("d", b"3", 1, 1)),
    ("over-file", "", "d", lambda p: entry("d", b"x") + node("d", p(b"4", b"3"), 7, 7)),
    ("kind-unknown", "", "d", lambda p: entry("d", b"x", kind=p(b"Z", b"0"))),
    ("kind-contiguous", "", "d", lambda p: entry("d", b"x", kind=p(b"7", b"0"))),
    ("kind-dumpdir", "", "", lambda p: entry("d", b"Yfile\0\0", kind=b"D") if p(1, 0) else directory("d")),
    ("kind-volume", "", "f", lambda p: p(header("../../label", kind=b"V", magic=b"ustar  \0"), b"") + entry("f", b"x")),
    ("kind-multivolume", "r", "of a kind that kist does not unpack", lambda p: p(header("m", kind=b"M", magic=b"ustar  \0"), b"") + entry("f", b"x")),
    ("setuid", "", "d", lambda p: entry("d", b"x", mode=p(0o6777, 0o777))),
    ("mode-odd", "", "d", lambda p: entry("d", b"x", mode=p(0o7777777, 0o644))),
    ("owner-negative", "r", "an owner that cannot be", lambda p: pax(("uid", p("-1", "1"))) + entry("d")),
    ("owner-nobody", "r", "an owner that cannot be", lambda p: pax(("gid", p("4294967295", "4294967294"))) + entry("d")),
    ("owner-large", "r", "an owner that cannot be", lambda p: pax(("uid", p("4294967296", "7"))) + entry("d")),
    ("owner-words", "", "d", lambda p: pax(("uid", p("root", "7"))) + entry("d")),
]

BIG = 64 << 30  # what a layer may have

SIZES = [
    ("negative", "r", "is damaged", lambda p: header("d", size=p(-512, 0))),
    ("negative-pax", "r", "is damaged", lambda p: pax(("size", p("-1", "0"))) + header("d")),
    ("claimed", "r", "is damaged", lambda p: entry("d", b"x", size=p(8 << 30, 1))),
    ("claimed-more", "r", "larger than --max-size", lambda p: entry("d", b"x", size=p(1 << 62, 1))),
    ("claimed-pax", "r", "larger than --max-size", lambda p: pax(("size", p(str(1 << 62), "1"))) + entry("d", b"x")),
    ("claimed-overflow", "r", "is damaged", lambda p: pax(("size", p("9" * 40, "1"))) + entry("d", b"x")),
    ("words", "", "d", lambda p: pax(("size", p("1e1", "1"))) + entry("d", b"x")),
    ("garbage", "r", "is damaged", lambda p: entry("d", b"x" * 512, size=p(b"zzzzzzzzzzzz", 512))),
    ("smaller", "r", "is damaged", lambda p: entry("d", b"x" * 1024, size=p(512, 1024))),
    ("overlapping", "r", "is damaged", lambda p: entry("d", b"x" * 512, size=p(512 + 100, 512)) + entry("e", b"x")),
    ("header-in-data", "", "d", lambda p: entry("d", p(header(UP + "/new"), b"x" * 512)) + entry("e")),
    ("directory-with-data", "r", '".." in its name', lambda p: directory("d", size=p(512, 0)) + p(header(UP + "/new"), b"") + entry("d/e")),
    ("symlink-with-data", "r", '".." in its name', lambda p: symlink("d", "x", size=p(512, 0)) + p(header(UP + "/new"), b"") + entry("e")),
    ("device-with-data", "r", '".." in its name', lambda p: node("d", b"3", 1, 3, size=p(512, 0)) + p(header(UP + "/new"), b"") + entry("e")),
    ("checksum", "r", "is damaged", lambda p: header("d", checksum=p(b"000000\0 ", None))),
    ("magic", "", "d", lambda p: entry("d", b"x", magic=p(b"notatar!", b"ustar\00000"))),
    ("end-in-the-middle", "r", "behind the end of the archive", lambda p: entry("d") + p(bytes(1024), b"") + entry("e")),
    ("second-archive", "r", "behind the end of the archive", lambda p: entry("d") + p(bytes(10240) + header(UP + "/new"), b"")),
    ("garbage-behind", "r", "behind the end of the archive", lambda p: entry("d") + bytes(1024) + p(b"x", b"\0") * 512),
]


def sparse(records, data=b"x" * 512, name="d"):
    return pax(*records) + entry(name, data)


def sparse1(size, table, data):
    table = b"".join(b"%d\n" % n for n in table)
    body = table + bytes(-len(table) % 512) + data
    return sparse([("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "d"),
                   ("GNU.sparse.realsize", str(size))], body, "GNUSparseFile/d")


def old_sparse(real, offset, size, data):
    """The form of GNU tar before pax: the map is in the header."""
    extents = b"%011o\0%011o\0" % (offset, size)
    block = bytearray(header("d", kind=b"S", size=size, magic=b"ustar  \0"))
    block[386:386 + 24] = extents
    block[483:495] = b"%011o\0" % real if real < 8 ** 11 else b"\x80" + real.to_bytes(11, "big")
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + data + bytes(-len(data) % 512)


SPARSE = [
    ("huge", "r", "larger than --max-size", lambda p: sparse1(p(1 << 60, 1 << 20), [1, 0, 512], b"x" * 512)),
    ("just-over", "r", "larger than --max-size", lambda p: sparse1(p(BIG + 1, BIG), [1, 0, 512], b"x" * 512)),
    ("negative", "r", "larger than --max-size", lambda p: sparse1(p(-1, 1 << 20), [1, 0, 512], b"x" * 512)),
    ("outside", "r", "data outside of its size", lambda p: sparse1(4096, [1, p(1 << 40, 0), 512], b"x" * 512)),
    ("outside-a-bit", "r", "data outside of its size", lambda p: sparse1(4096, [1, p(3585, 3584), 512], b"x" * 512)),
    ("offset-negative", "r", "is damaged", lambda p: sparse1(4096, [1, p(-4096, 0), 512], b"x" * 512)),
    ("overlapping", "r", "data outside of its size", lambda p: sparse1(4096, [2, 0, 512, p(256, 512), 512], b"x" * 1024)),
    ("backwards", "r", "data outside of its size", lambda p: sparse1(4096, p([2, 2048, 512, 0, 512], [2, 0, 512, 2048, 512]), b"x" * 1024)),
    ("many-claimed", "", "d", lambda p: sparse1(4096, [p(1 << 40, 1), 0, 512], b"x" * 512)),
    ("many-empty", "", "d", lambda p: sparse1(4096, [p(200000, 1)] + [0, 0] * p(200000, 0) + p([], [0, 512]), b"x" * p(0, 512))),
    ("map-words", "r", "is damaged", lambda p: sparse([("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "d"),
                                             ("GNU.sparse.realsize", "4096")], p(b"x" * 512, b"1\n0\n0\n" + bytes(506)))),
    ("map-missing", "r", "is damaged", lambda p: pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "4096"))
     + entry("d", p(b"", b"1\n0\n0\n" + bytes(506)))),
    ("name", "ra", '".." in its name', lambda p: sparse([("GNU.sparse.major", "0"), ("GNU.sparse.minor", "1"),
                                                       ("GNU.sparse.name", p(UP + "/new", "new")), ("GNU.sparse.size", "512"),
                                                       ("GNU.sparse.numblocks", "1"), ("GNU.sparse.map", "0,512")])),
    ("map-0.1", "", "d", lambda p: sparse([("GNU.sparse.size", "512"), ("GNU.sparse.numblocks", p("999999999", "1")),
                                          ("GNU.sparse.map", p("0,512,-5,99999999999999999999", "0,512"))])),
    ("old-huge", "r", "larger than --max-size", lambda p: old_sparse(p(1 << 62, 1 << 20), 0, 512, b"x" * 512)),
    ("old-outside", "r", "data outside of its size", lambda p: old_sparse(1024, p(8 ** 10, 0), 512, b"x" * 512)),
]

HUGE = header("PaxHeaders/x", kind=b"x", size=1 << 40)
PAX = [
    ("claimed", "r", "is damaged", lambda p: p(HUGE, pax(("comment", "x"))) + entry("d")),
    ("claimed-global", "r", "is damaged", lambda p: p(header("g", kind=b"g", size=1 << 40), pax(("comment", "x"), kind=b"g")) + entry("d")),
    ("negative", "r", "is damaged", lambda p: p(header("x", kind=b"x", size=-1), b"") + entry("d")),
    ("megabytes", "r", "is damaged", lambda p: pax(("comment", "x" * p(20 << 20, 100))) + entry("d")),
    ("path-megabytes", "r", "is damaged", lambda p: pax(("path", "x/" * p(3 << 20, 100) + "y")) + entry("d")),
    ("length-zero", "r", "is damaged", lambda p: pax(p(b"0 path=x\n", b"10 path=x\n")) + entry("d")),
    ("length-short", "r", "is damaged", lambda p: pax(p(b"3 path=x\n", b"10 path=x\n")) + entry("d")),
    ("length-long", "r", "is damaged", lambda p: pax(p(b"99999 path=x\n", b"10 path=x\n")) + entry("d")),
    ("length-overflow", "r", "is damaged", lambda p: pax(p(b"18446744073709551626 path=x\n", b"10 path=x\n")) + entry("d")),
    ("length-negative", "r", "is damaged", lambda p: pax(p(b"-10 path=x\n", b"10 path=x\n")) + entry("d")),
    ("length-missing", "r", "is damaged", lambda p: pax(p(b"path=x\n", b"10 path=x\n")) + entry("d")),
    ("no-value", "r", "is damaged", lambda p: pax(p(b"8 path\n\n", b"10 path=x\n")) + entry("d")),
    ("no-newline", "r", "is damaged", lambda p: pax(p(b"10 path=xy", b"10 path=x\n")) + entry("d")),
    ("no-entry", "r", "is damaged", lambda p: entry("d") + p(pax(("path", "x")), b"")),
    ("twice", "r", "is damaged", lambda p: p(pax(("path", UP + "/new")), b"") + pax(("path", "d")) + entry("e")),
    ("path-twice", "ra", '".." in its name', lambda p: pax(("path", "x"), ("path", p(UP + "/new", "y"))) + entry("e")),
    ("many", "r", "is damaged", lambda p: pax(("comment", "x")) * p(2000, 1) + entry("d")),
    ("global-path", "", "d", lambda p: pax(("path", p(UP + "/new", "d")), kind=b"g") + entry("d")),
    ("times", "", "d", lambda p: pax(("mtime", p("9" * 300, "1")), ("atime", p("nan", "1")), ("ctime", p("-1e400", "1"))) + entry("d")),
    ("time-fraction", "", "d", lambda p: pax(("mtime", p("1." + "9" * 5000, "1.5"))) + entry("d")),
    ("gnu-chain", "", "", lambda p: gnu_long(p(UP + "/new", "x")) + gnu_long("d") + entry("e", magic=b"ustar  \0")),
    ("gnu-many", "r", "of a kind that kist does not unpack", lambda p: gnu_long("x") * p(2000, 1) + entry("e", magic=b"ustar  \0")),
    ("gnu-claimed", "r", "is damaged", lambda p: p(header("././@LongLink", kind=b"L", size=1 << 40, magic=b"ustar  \0"), b"") + entry("d")),
    ("gnu-negative", "r", "is damaged", lambda p: p(header("././@LongLink", kind=b"L", size=-1, magic=b"ustar  \0"), b"") + entry("d")),
    ("gnu-no-entry", "r", "is damaged", lambda p: entry("d") + p(gnu_long("x"), b"")),
    ("gnu-link", "ra", '".." in its name', lambda p: entry("f") + gnu_long(p(UP + "/marker", "f"), kind=b"K")
     + hardlink("d", "x", magic=b"ustar  \0") + entry("d", b"overwritten")),
]


def xattr(key, value, kind=entry):
    return lambda p: pax((p("SCHILY.xattr." + key, "comment"), value)) + kind("d")


XATTRS = [
    *[("overlay-" + key, "", "d", xattr(TRUSTED + key, value, kind=kind)) for key, value, kind in [
        ("opaque", b"y", directory), ("opaque", b"x", directory), ("redirect", b"/" + b"../" * 20 + b"etc", directory),
        ("metacopy", b"", entry), ("origin", b"\0\xfb" + b"x" * 30, entry), ("whiteout", b"y", entry),
        ("overlay.opaque", b"y", directory), ("impure", b"y", directory), ("protattr", b"i", entry)]],
    *[("user-overlay-" + key, "", "d", xattr("user.overlay." + key, b"y", kind=directory)) for key in ("opaque", "redirect", "whiteouts")],
    ("libarchive-form", "", "d", lambda p: pax((p("LIBARCHIVE.xattr.trusted.overlay%2eopaque", "comment"), "eQ==")) + directory("d")),
    ("trusted", "", "d", xattr("trusted.anything", b"y")),
    ("selinux", "", "d", xattr("security.selinux", b"system_u:object_r:shadow_t:s0\0")),
    ("selinux-of-tar", "", "d", lambda p: pax((p("RHT.security.selinux", "comment"), b"system_u:object_r:shadow_t:s0")) + entry("d")),
    ("ima", "", "d", xattr("security.ima", b"\1" + bytes(20))),
    ("apparmor", "", "d", xattr("security.apparmor", b"unconfined")),
    ("system", "", "d", xattr("system.nfs4_acl", b"x")),
    ("no-name-space", "", "d", xattr("nothing", b"x")),
    ("no-name", "", "d", xattr("", b"x")),
    ("name-long", "r", "set an extended attribute", xattr("user." + "x" * 300, b"x")),
    ("value-long", "r", "set an extended attribute", xattr("user.x", b"x" * 70000)),
    ("capability-damaged", "r", "set an extended attribute", xattr("security.capability", b"\xff" * 20)),
    ("capability-short", "r", "set an extended attribute", xattr("security.capability", b"\1")),
    ("on-symlink", "", "d", lambda p: pax((p("SCHILY.xattr.security.capability", "comment"), b"\1" * 20)) + symlink("d", OUT + "/marker")),
    ("on-device", "", "d", lambda p: pax((p("SCHILY.xattr.user.x", "comment"), b"x")) + node("d", b"6", 0, 0)),
    ("on-hardlink", "", "d", lambda p: entry("f") + pax((p("SCHILY.xattr.user.x", "comment"), b"x")) + hardlink("d", "f")),
    ("on-whiteout", "", "d", lambda p: directory("d") + pax((p("SCHILY.xattr.trusted.overlay.opaque", "comment"), b"y")) + entry("d/.wh.x")),
    ("acl", "", "d", lambda p: pax((p("SCHILY.acl.access", "comment"), p("user::rwx," * 1000, "x"))) + entry("d")),
]

AGAIN = [
    ("file", "", "d", lambda p: entry("d", b"1") * p(1000, 1)),
    ("all-kinds", "", "d", lambda p: (entry("d") + directory("d") + entry("d/x") + symlink("d", OUT) + node("d", b"3", 1, 3)
                                     + node("d", b"6", 0, 0) + directory("d") + entry("d/.wh..wh..opq")) * p(100, 1)),
    ("directory-over-file", "", "d", lambda p: p(entry("d"), b"") + directory("d")),
    ("file-over-directory", "", "d", lambda p: p(directory("d") + directory("d/e") + entry("d/e/f"), b"") + entry("d")),
    ("hardlinked", "", "f", lambda p: entry("f", b"1") + hardlink("d", "f") + p(entry("d", b"2"), b"")),
    ("device", "", "d", lambda p: p(node("d", b"3", 1, 1), b"") + entry("d", b"to memory?")),
    ("deep", "", "a/a", lambda p: directory("a/" * p(2000, 10)) + entry("b")),
]

GROUPS = {"names": NAMES, "links": LINKS, "whiteouts": WHITEOUTS, "devices and owners": DEVICES, "sizes": SIZES,
          "sparse files": SPARSE, "extended headers": PAX, "extended attributes": XATTRS, "the same name again": AGAIN}
