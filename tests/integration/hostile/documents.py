# SPDX-License-Identifier: GPL-2.0-or-later
"""Images whose documents or files are hostile; all of them are variations of one that is good.

A row is (name, what, flags, said, change): `what` is the document or the kind of source that is changed.  With the flag
"r" the image is refused and `said` is a part of the sentence; else it is imported.
"""
import copy
import json
import os
import socket

from image import CONFIG, INDEX, MANIFEST, Image, descriptor, digest, dump
from tarball import directory, entry, hardlink, node, symlink

OUT = os.environ["OUTSIDE"]
HEX = "0" * 64
ESC = "\x1b]0;pwned\x07\x1b[2J\nkist: all is well\x9b31m"


def put(*path):
    """put(KEY..., VALUE): the document with VALUE there; None removes it."""
    def change(document):
        document = copy.deepcopy(document)
        at = document
        for key in path[:-2]:
            at = at[key]
        if path[-1] is None:
            del at[path[-2]]
        else:
            at[path[-2]] = path[-1]
        return document
    return change


def raw(old, new, count=1):
    return lambda document: dump(document).replace(old, new, count)


def add(key, values):
    return lambda document: {**document, key: document[key] + values(document)}


def text(data):
    return lambda document: data


DIGESTS = [
    ("parent", "sha256:../../x"), ("parents", "sha256:" + ("../" * 22)[:64]), ("absolute", "sha256:" + (OUT + "/" * 64)[:64]),
    ("short", "sha256:" + HEX[1:]), ("long", "sha256:" + HEX + "0"), ("upper", "sha256:" + "A" * 64),
    ("algorithm", "sha512:" + HEX * 2), ("algorithm-upper", "SHA256:" + HEX), ("algorithm-unknown", "md5:" + HEX[:32]),
    ("none", HEX), ("empty", ""), ("only", "sha256:"), ("newline", "sha256:" + HEX[1:] + "\n"), ("nul", "sha256:" + HEX[1:] + "\0"),
    ("blank", " sha256:" + HEX), ("escape", ESC), ("two", "sha256:" + HEX + "sha256:" + HEX), ("megabyte", "x" * (1 << 20)),
]
NO_DIGEST = "is not a digest that kist takes"

rows = []
for name, value in DIGESTS:
    said = "NUL" if name == "nul" else NO_DIGEST
    rows += [
        ("manifest-" + name, "index", "r", said, put("manifests", 0, "digest", value)),
        ("config-" + name, "manifest", "r", said, put("config", "digest", value)),
        ("layer-" + name, "manifest", "r", said, put("layers", 0, "digest", value)),
        ("diff-" + name, "config", "r", said, put("rootfs", "diff_ids", 0, value)),
    ]
DIGEST_ROWS = rows + [
    ("manifest-number", "index", "r", "digest", put("manifests", 0, "digest", 5)),
    ("manifest-missing", "index", "r", "digest", put("manifests", 0, "digest", None)),
    ("diff-null", "config", "r", "diff_ids", put("rootfs", "diff_ids", [None])),
]


def other(data):
    """A blob that is not what its name says."""
    return lambda files, image: files.__setitem__("blobs/sha256/" + digest(data(image))[7:], b"{}")


def longer(data):
    return lambda files, image: files.__setitem__("blobs/sha256/" + digest(data(image))[7:], data(image) + bytes(512))


BROKEN = "its content is not what its digest and size say"
CONTENT = [
    ("manifest-other", "oci", "r", BROKEN, other(lambda i: i.manifest)),
    ("config-other", "oci", "r", BROKEN, other(lambda i: i.config)),
    ("layer-other", "oci", "r", "its digest is", other(lambda i: i.packed[0])),
    ("manifest-longer", "oci", "r", BROKEN, longer(lambda i: i.manifest)),
    ("config-longer", "oci", "r", BROKEN, longer(lambda i: i.config)),
    ("layer-longer", "oci", "r", "larger than the", longer(lambda i: i.packed[0])),
    ("manifest-size-less", "index", "r", BROKEN, lambda d: put("manifests", 0, "size", d["manifests"][0]["size"] - 1)(d)),
    ("manifest-size-zero", "index", "r", BROKEN, put("manifests", 0, "size", 0)),
    ("manifest-size-huge", "index", "r", "larger than 4 MiB", put("manifests", 0, "size", 1 << 62)),
    ("manifest-size-overflow", "index", "r", "size", put("manifests", 0, "size", 1 << 64)),
    ("manifest-size-negative", "index", "r", "size", put("manifests", 0, "size", -1)),
    ("manifest-size-float", "index", "r", "size", put("manifests", 0, "size", 1.5)),
    ("manifest-size-text", "index", "r", "size", put("manifests", 0, "size", "300")),
    ("config-size-more", "manifest", "r", BROKEN, lambda d: put("config", "size", d["config"]["size"] + 1)(d)),
    ("config-size-huge", "manifest", "r", "is the limit", put("config", "size", 1 << 62)),
    ("layer-size-less", "manifest", "r", "larger than the", lambda d: put("layers", 0, "size", d["layers"][0]["size"] - 1)(d)),
    ("layer-size-more", "manifest", "r", "bytes, not", lambda d: put("layers", 0, "size", d["layers"][0]["size"] + 1)(d)),
    ("layer-size-zero", "manifest", "r", "larger than the", put("layers", 0, "size", 0)),
    ("layer-size-huge", "manifest", "r", "bytes, not", put("layers", 0, "size", (1 << 63) - 1)),
    ("diff-wrong", "config", "r", "its diff_id is", put("rootfs", "diff_ids", ["sha256:" + HEX])),
    ("diff-none", "config", "r", "diff_ids", put("rootfs", "diff_ids", [])),
    ("diff-more", "config", "r", "diff_ids", put("rootfs", "diff_ids", ["sha256:" + HEX] * 2)),
    ("diff-many", "config", "r", "500 is the limit", put("rootfs", "diff_ids", ["sha256:" + HEX] * 50000)),
    ("layers-none", "manifest", "r", "diff_ids", put("layers", [])),
    ("layers-many", "manifest", "r", "500 is the limit", lambda d: {**d, "layers": d["layers"] * 501}),
    ("layer-missing", "oci", "r", "it has no file", lambda files, image: files.pop("blobs/sha256/" + digest(image.packed[0])[7:])),
    ("manifest-missing", "oci", "r", "it has no file", lambda files, image: files.pop("blobs/sha256/" + digest(image.manifest)[7:])),
]


def twice(key):
    return lambda d: dump(d)[:-1] + b"," + json.dumps({key: d[key]}).encode()[1:]


def nested(depth):
    """Indexes inside of each other; the innermost has the image."""
    def change(files, image):
        inner = image.index
        for _ in range(depth):
            files["blobs/sha256/" + digest(inner)[7:]] = inner
            inner = dump({"schemaVersion": 2, "manifests": [descriptor(inner, INDEX)]})
        files["index.json"] = inner
    return change


def itself(files, image):
    """An index cannot hold its own digest, so it claims to."""
    index = dump({"schemaVersion": 2, "mediaType": INDEX, "manifests": [{"mediaType": INDEX, "digest": "sha256:" + HEX, "size": 172}]})
    files["index.json"] = files["blobs/sha256/" + HEX] = index


def also_index(files, image):
    """What a scanner reads as a manifest and an engine as an index."""
    both = dump({**json.loads(image.manifest), "manifests": json.loads(image.index)["manifests"]})
    files["blobs/sha256/" + digest(both)[7:]] = both
    files["index.json"] = dump({"schemaVersion": 2, "manifests": [descriptor(both, MANIFEST)]})


REF = "org.opencontainers.image.ref.name"


def named(manifests):
    """The index of these, each under a name of its own."""
    return {"schemaVersion": 2, "manifests": [{**m, "annotations": {REF: "name%d:1" % i}} for i, m in enumerate(manifests)]}


def shared_config(files, image):
    """A small archive of many images, each with the same document of many values."""
    config = dump({**json.loads(image.config), "x": [0] * 200000})
    files["blobs/sha256/" + digest(config)[7:]] = config
    manifests = [dump({**json.loads(image.manifest), "config": descriptor(config, CONFIG), "annotations": {"x": str(i)}})
                 for i in range(60)]
    files.update({"blobs/sha256/" + digest(m)[7:]: m for m in manifests})
    files["index.json"] = dump(named([descriptor(m, MANIFEST) for m in manifests]))


KINDS = [
    ("both-in-manifest", "manifest", "r", "no place in an image manifest", put("manifests", [])),
    ("both-in-blob", "oci", "r", "no place in an image manifest", also_index),
    ("layers-in-index", "index", "r", "no place in an image index", put("layers", [])),
    ("config-in-index", "index", "r", "no place in an image index", put("config", {})),
    ("manifest-as-index", "index", "r", "manifests (line 1): missing", put("manifests", 0, "mediaType", INDEX)),
    ("manifest-says-index", "manifest", "r", "media type", put("mediaType", INDEX)),
    ("manifest-unknown", "index", "r", "only for nothing that kist runs", put("manifests", 0, "mediaType", "application/x-" + ESC)),
    ("manifest-no-type", "index", "r", "mediaType", put("manifests", 0, "mediaType", None)),
    ("config-unknown", "manifest", "r", "expected an image configuration", put("config", "mediaType", "application/vnd.oci.empty.v1+json")),
    ("layer-unknown", "manifest", "r", "expected a layer", put("layers", 0, "mediaType", "application/x-" + ESC)),
    ("layer-encrypted", "manifest", "r", "expected a layer", put("layers", 0, "mediaType", "application/vnd.oci.image.layer.v1.tar+gzip+encrypted")),
    ("layer-says-gzip", "manifest", "", "", put("layers", 0, "mediaType", "application/vnd.oci.image.layer.v1.tar+gzip")),
    ("schema-1", "manifest", "r", "schemaVersion", put("schemaVersion", 1)),
    ("schema-missing", "index", "r", "schemaVersion", put("schemaVersion", None)),
    ("rootfs-missing", "config", "r", "rootfs", put("rootfs", None)),
    ("rootfs-windows", "config", "r", "type", put("rootfs", "type", "windows")),
    ("index-twice", "index", "r", "twice", twice("manifests")),
    ("manifest-twice", "manifest", "r", "twice", twice("layers")),
    ("config-twice", "config", "r", "twice", twice("rootfs")),
    ("descriptor-twice", "index", "r", "twice", raw(b'"digest":', b'"digest": "sha256:x", "digest":')),
    ("key-escaped", "manifest", "r", "twice", raw(b'"layers":', b'"l\\u0061yers": [], "layers":')),
    ("key-case", "manifest", "", "", raw(b'"layers":', b'"Layers": [], "layers":')),
    ("nested", "oci", "", "", nested(2)),
    ("nested-deep", "oci", "r", "indexes inside each other", nested(5)),
    ("itself", "oci", "r", BROKEN, itself),
    ("manifests-none", "index", "r", "names no image", put("manifests", [])),
    ("manifests-many", "index", "r", "is the limit", lambda d: {**d, "manifests": d["manifests"] * 10001}),
    ("manifests-one-of-many-names", "index", "", "", lambda d: named(d["manifests"] * 3000)),
    ("config-of-many", "oci", "", "", shared_config),
    ("manifests-same-name", "index", "", "", lambda d: {**d, "manifests": d["manifests"] * 3000}),
]

JSON = [
    ("empty", "index", "r", "index.json", text(b"")),
    ("list", "index", "r", "index.json", text(b"[]")),
    ("null", "index", "r", "index.json", text(b"null")),
    ("manifests-null", "index", "r", "manifests", put("manifests", [None])),
    ("manifests-object", "index", "r", "manifests", put("manifests", {"0": {}})),
    ("behind", "index", "r", "index.json", lambda d: dump(d) + b" {}"),
    ("garbage-behind", "manifest", "r", "trailing garbage", lambda d: dump(d) + b"\0" * 100),
    ("cut", "config", "r", "not valid JSON", lambda d: dump(d)[:-1]),
    ("mark", "index", "r", "index.json", lambda d: b"\xef\xbb\xbf" + dump(d)),
    ("not-utf8", "config", "r", "not valid JSON", raw(b'"/bin/true"', b'"\xff\xfe"')),
    ("surrogate", "config", "", "", raw(b'"/bin/true"', b'"\\ud800"')),
    ("nul", "config", "r", "NUL", raw(b'"/bin/true"', b'"a\\u0000b"')),
    ("comment", "index", "r", "index.json", lambda d: b"/* */" + dump(d)),
    ("utf16", "index", "r", "index.json", lambda d: json.dumps(d).encode("utf-16")),
    ("deep-lists", "index", "r", "index.json", text(b"[" * 500000)),
    ("deep-objects", "index", "r", "index.json", text(b'{"a":' * 500000)),
    ("deep-annotation", "manifest", "r", "nested deeper", lambda d: dump(d)[:-1] + b',"x":' + b"[" * 100000 + b"]" * 100000 + b"}"),
    ("blanks", "index", "r", "larger than 4 MiB", lambda d: dump(d) + b" " * (5 << 20)),
    ("numbers", "index", "r", "values", text(b'{"schemaVersion":2,"manifests":[' + b"0," * 2000000 + b"0]}")),
    ("keys", "index", "", "", lambda d: dump(d)[:-1] + b"".join(b',"k%d":1' % i for i in range(200000)) + b"}"),
    ("number-long", "index", "r", "out of range", put("schemaVersion", int("2" * 4000))),
    ("manifest-large", "manifest", "r", "larger than 4 MiB", put("annotations", {"x": "y" * (5 << 20)})),
    ("config-large", "config", "r", "8", put("author", "y" * (9 << 20))),
    ("save-large", "save", "r", "larger than 4 MiB", lambda d: dump(d) + b" " * (5 << 20)),
    ("env-equals", "config", "r", "not of the form NAME=VALUE", put("config", {"Env": ["=x"]})),
    ("env-nothing", "config", "r", "not of the form NAME=VALUE", put("config", {"Env": ["PATH"]})),
    ("env-number", "config", "r", "Env", put("config", {"Env": [5]})),
    ("ports-list", "config", "r", "ExposedPorts", put("config", {"ExposedPorts": ["80"]})),
    ("labels", "config", "", "", put("config", {"Labels": {ESC: ESC}, "Cmd": [ESC], "User": ESC, "WorkingDir": ESC})),
    ("author", "config", "", "", put("author", ESC)),
    ("created", "config", "", "", put("created", ESC)),
    ("architecture", "config", "r", "expected at most 64 letters", put("architecture", ESC)),
    ("variant", "config", "r", "expected at most 64 letters", put("variant", "v" + "9" * 5000)),
    ("platform", "index", "r", "expected at most 64 letters", put("manifests", 0, "platform", {"os": ESC, "architecture": ESC})),
    ("env-many", "config", "r", "10000 is the limit", put("config", {"Env": ["A%d=1" % i for i in range(20000)]})),
    ("volumes-many", "config", "r", "1000 is the limit", put("config", {"Volumes": {"/v%d" % i: {} for i in range(20000)}})),
    ("name-escape", "index", "r", "has no name of its own", put("manifests", 0, "annotations", {"org.opencontainers.image.ref.name": ESC + ":/"})),
    ("name-parent", "index", "r", "has no name of its own", put("manifests", 0, "annotations", {"org.opencontainers.image.ref.name": "../../x"})),
    ("name-digest", "index", "r", "by its digest", put("manifests", 0, "annotations", {"org.opencontainers.image.ref.name": "x@sha256:" + HEX})),
    ("name-long", "index", "r", "has no name of its own", put("manifests", 0, "annotations", {"org.opencontainers.image.ref.name": "x/" * 5000 + "x:1"})),
]


def at(name, made):
    """A file of a directory that is made by a function of its path."""
    def change(files, image):
        files[name.format(layer=digest(image.packed[0])[7:], manifest=digest(image.manifest)[7:])] = made
    return change


def folder(name, target):
    """The folder is a link to one that has the files."""
    def change(files, image):
        for file in [f for f in files if f.startswith(name + "/")]:
            del files[file]
        files[name] = lambda path: os.symlink(target, path)
    return change


def bind(path):
    old = os.getcwd()
    os.chdir(os.path.dirname(path))  # the name of a socket may not be long
    socket.socket(socket.AF_UNIX).bind(os.path.basename(path))
    os.chdir(old)


def holes(size):
    def make(path):
        with open(path, "wb") as out:
            out.truncate(size)
    return make


UPWARDS = "../" * 20
DIRECTORIES = [
    ("blobs-linked", "dir", "ra", "leads outside of the image", folder("blobs", OUT + "/layout/blobs")),
    ("blobs-linked-up", "dir", "ra", "leads outside of the image", folder("blobs", UPWARDS + OUT[1:] + "/layout/blobs")),
    ("sha256-linked", "dir", "ra", "leads outside of the image", folder("blobs/sha256", OUT + "/layout/blobs/sha256")),
    ("layer-linked", "dir", "ra", "leads outside of the image", at("blobs/sha256/{layer}", lambda p: os.symlink(OUT + "/layout/blobs/sha256/" + os.path.basename(p), p))),
    ("manifest-linked", "dir", "ra", "leads outside of the image", at("blobs/sha256/{manifest}", lambda p: os.symlink(OUT + "/layout/blobs/sha256/" + os.path.basename(p), p))),
    ("index-linked", "dir", "ra", "leads outside of the image", at("index.json", lambda p: os.symlink(OUT + "/layout/index.json", p))),
    ("index-linked-proc", "dir", "r", "leads outside of the image", at("index.json", lambda p: os.symlink("/proc/self/fd/0", p))),
    ("index-fifo", "dir", "r", "has neither index.json nor manifest.json", at("index.json", os.mkfifo)),
    ("index-directory", "dir", "r", "has neither index.json nor manifest.json", at("index.json", os.mkdir)),
    ("index-socket", "dir", "r", "has neither index.json nor manifest.json", at("index.json", bind)),
    ("index-zero", "dir", "r", "has neither index.json nor manifest.json", at("index.json", lambda p: os.mknod(p, 0o20600, os.makedev(1, 5)))),
    ("index-huge", "dir", "r", "larger than 4 MiB", at("index.json", holes(1 << 40))),
    ("index-holes", "dir", "r", "index.json", at("index.json", holes(4 << 20))),
    ("index-loop", "dir", "r", "has neither index.json nor manifest.json", at("index.json", lambda p: os.symlink("index.json", p))),
    ("layer-fifo", "dir", "r", "is not a regular file", at("blobs/sha256/{layer}", os.mkfifo)),
    ("layer-zero", "dir", "r", "is not a regular file", at("blobs/sha256/{layer}", lambda p: os.mknod(p, 0o20600, os.makedev(1, 5)))),
    ("layer-huge", "dir", "r", "larger than the", at("blobs/sha256/{layer}", holes(1 << 40))),
    ("manifest-fifo", "dir", "r", "is not a regular file", at("blobs/sha256/{manifest}", os.mkfifo)),
    ("layout-linked", "dir", "", "", at("oci-layout", lambda p: os.symlink(OUT + "/marker", p))),
]


def member(name, *entries, drop=True):
    """A member of an archive as these entries."""
    def change(files, image):
        key = name.format(layer=digest(image.layers[0])[7:], config=digest(image.config)[7:], packed=digest(image.packed[0])[7:],
                          image=digest(image.manifest)[7:])
        files[key] = [e(key, files[key]) for e in entries]
    return change


def link_to(target):
    return lambda name, data: symlink(name, target)


def hard_to(target):
    return lambda name, data: hardlink(name, target)


def whole(name, data):
    return entry(name, data)


def extra(**more):
    return lambda files, image: files.update({k.replace("__", "/"): v for k, v in more.items()})


OCI_MEMBERS = [
    ("index-linked", "oci-archive", "r", "has neither index.json nor manifest.json", member("index.json", link_to(OUT + "/layout/index.json"))),
    ("index-linked-up", "oci-archive", "r", '".." in its name', member("index.json", link_to(UPWARDS + "etc/passwd"))),
    ("index-hardlinked", "oci-archive", "r", "has neither index.json nor manifest.json", member("index.json", hard_to(OUT + "/layout/index.json"))),
    ("index-linked-itself", "oci-archive", "r", "has neither index.json nor manifest.json", member("index.json", link_to("index.json"))),
    ("layer-linked", "oci-archive", "r", "it has no file", member("blobs/sha256/{packed}", link_to(OUT + "/layout/index.json"))),
    ("manifest-hardlinked", "oci-archive", "r", "it has no file", member("blobs/sha256/{image}", hard_to(OUT + "/marker"))),
    ("index-fifo", "oci-archive", "r", "which is no regular file", member("index.json", lambda n, d: node(n, b"6", 0, 0))),
    ("index-device", "oci-archive", "r", "which is no regular file", member("index.json", lambda n, d: node(n, b"3", 1, 5))),
    ("index-directory", "oci-archive", "r", "has neither index.json nor manifest.json", member("index.json", lambda n, d: directory(n))),
    ("index-twice", "oci-archive", "", "", member("index.json", lambda n, d: entry(n, b"{}"), whole)),
    ("index-twice-last", "oci-archive", "r", "index.json", member("index.json", whole, lambda n, d: entry(n, b"{}"))),
    ("blob-dotdot", "oci-archive", "r", '".." in its name', member("index.json", whole, lambda n, d: entry("blobs/../../../x", b"x"))),
    ("blob-absolute", "oci-archive", "", "", member("index.json", whole, lambda n, d: entry(OUT + "/new", b"x"))),
    ("folder-linked", "oci-archive", "", "", member("index.json", lambda n, d: symlink("blobs", OUT), whole)),
    ("members-many", "oci-archive", "r", "has more than 20000 files", member("index.json", whole, lambda n, d: b"".join(
        entry("blobs/sha256/%d" % i) for i in range(20001)))),
    ("member-huge", "oci-archive", "r", "is damaged", member("index.json", lambda n, d: entry(n, d, size=1 << 36))),
    ("link-empty", "oci-archive", "r", "that leads nowhere", member("index.json", link_to(""))),
    ("link-not-utf8", "oci-archive", "r", "has neither index.json nor manifest.json", member("index.json", link_to(b"\xff"))),
    ("links-in-a-ring", "oci-archive", "r", "has neither index.json nor manifest.json", member("index.json", link_to("a"), lambda n, d: symlink("a", "b") + symlink("b", "index.json"))),
    ("also-docker", "oci-archive", "", "", extra(**{"manifest.json": b"[]"})),
]

DOCKER = [
    ("layers-up", "save", "r", "it has no file", put(0, "Layers", ["../../../../etc/passwd"])),
    ("layers-absolute", "save", "r", "it has no file", put(0, "Layers", [OUT + "/layout/index.json"])),
    ("layers-empty", "save", "r", "it has no file", put(0, "Layers", [""])),
    ("layers-none", "save", "r", "diff_ids", put(0, "Layers", [])),
    ("images-many", "save", "", "", lambda d: d * 3000),
    ("tags-too-many", "save", "r", "names more than 10000 images", put(0, "RepoTags", ["x:%d" % i for i in range(10001)])),
    ("layers-more", "save", "r", "diff_ids", lambda d: put(0, "Layers", d[0]["Layers"] * 2)(d)),
    ("layers-many", "save", "r", "diff_ids", lambda d: put(0, "Layers", d[0]["Layers"] * 20000)(d)),
    ("layers-escape", "save", "r", "it has no file", put(0, "Layers", [ESC])),
    ("layers-null", "save", "r", "Layers", put(0, "Layers", None)),
    ("layers-config", "save", "r", "is damaged", lambda d: put(0, "Layers", [d[0]["Config"]])(d)),
    ("config-up", "save", "r", "it has no file", put(0, "Config", "../../../../etc/passwd")),
    ("config-absolute", "save", "r", "it has no file", put(0, "Config", OUT + "/marker")),
    ("config-empty", "save", "r", "it has no file", put(0, "Config", "")),
    ("config-escape", "save", "r", "it has no file", put(0, "Config", ESC)),
    ("config-layer", "save", "r", "not valid JSON", lambda d: put(0, "Config", d[0]["Layers"][0])(d)),
    ("tags-up", "save", "r", "has no name of its own", put(0, "RepoTags", ["../../x:1"])),
    ("tags-escape", "save", "r", "has no name of its own", put(0, "RepoTags", [ESC + ":1"])),
    ("tags-digest", "save", "r", "by its digest", put(0, "RepoTags", ["x@sha256:" + HEX])),
    ("tags-many", "save", "", "", put(0, "RepoTags", ["x:%d" % i for i in range(2000)])),
    ("images-many", "save", "", "", lambda d: d * 50),
    ("list-empty", "save", "r", "expected a list with an image", text(b"[]")),
    ("list-object", "save", "r", "expected a list with an image", text(b"{}")),
    ("list-null", "save", "r", "manifest.json", text(b"[null]")),
    ("list-numbers", "save", "r", "manifest.json", text(b"[" + b"0," * 1000000 + b"0]")),
    ("config-directory", "docker-archive", "r", "it has no file", member("{config}.json", lambda n, d: directory(n))),
    ("config-linked", "docker-archive", "r", "it has no file", member("{config}.json", link_to(OUT + "/marker"))),
    ("config-linked-up", "docker-archive", "r", '".." in its name', member("{config}.json", link_to(UPWARDS + "etc/passwd"))),
    ("config-hardlinked", "docker-archive", "r", "it has no file", member("{config}.json", hard_to(OUT + "/marker"))),
    ("layer-linked", "docker-archive", "r", '".." in its name', member("{layer}/layer.tar", link_to("../../../../" + OUT[1:] + "/new"))),
    ("layer-linked-absolute", "docker-archive", "r", "it has no file", member("{layer}/layer.tar", link_to(OUT + "/new"))),
    ("layer-linked-inside", "docker-archive", "", "", member("{layer}/layer.tar", lambda n, d: entry("x/layer.tar", d) + symlink(n, "../x/layer.tar"))),
    ("layer-linked-ring", "docker-archive", "r", "it has no file", member("{layer}/layer.tar", lambda n, d: symlink(n, "../x/layer.tar") + symlink("x/layer.tar", "../" + n))),
    ("layer-directory", "docker-archive", "r", "it has no file", member("{layer}/layer.tar", lambda n, d: directory(n))),
    ("layer-fifo", "docker-archive", "r", "which is no regular file", member("{layer}/layer.tar", lambda n, d: node(n, b"6", 0, 0))),
    ("layer-twice", "docker-archive", "", "", member("{layer}/layer.tar", lambda n, d: entry(n, b"x"), whole)),
    ("layer-twice-last", "docker-archive", "r", "layer.tar: is damaged", member("{layer}/layer.tar", whole, lambda n, d: entry(n, b"x" * 1024))),
    ("list-twice-last", "docker-archive", "r", "expected a list with an image", member("manifest.json", whole, lambda n, d: entry(n, b"[]"))),
    ("list-linked", "docker-archive", "r", "has neither index.json nor manifest.json", member("manifest.json", link_to(OUT + "/marker"))),
    ("list-missing", "docker-archive", "r", "has neither index.json nor manifest.json", lambda files, image: files.pop("manifest.json")),
]

GROUPS = {"digests": DIGEST_ROWS, "content that is not what it should be": CONTENT, "documents of two kinds": KINDS,
          "JSON": JSON, "directories": DIRECTORIES, "members of an OCI archive": OCI_MEMBERS, "members of a docker archive": DOCKER}
