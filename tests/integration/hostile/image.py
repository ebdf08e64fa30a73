# SPDX-License-Identifier: GPL-2.0-or-later
"""Images around layers, as OCI layouts and as archives of docker save, whose documents can be spoilt."""
import gzip
import hashlib
import json
import os

from tarball import END, directory, entry

OCI = "application/vnd.oci.image."
INDEX, MANIFEST, CONFIG = OCI + "index.v1+json", OCI + "manifest.v1+json", OCI + "config.v1+json"
LAYER = OCI + "layer.v1.tar"


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def descriptor(data, media, **more):
    return {"mediaType": media, "digest": digest(data), "size": len(data), **more}


def dump(document):
    """JSON of a document; bytes are what they are."""
    return document if isinstance(document, bytes) else json.dumps(document).encode()


def no_change(document):
    return document


class Image:
    """Each document may be changed before the next one describes it; files may be changed at last."""

    def __init__(self, layers, config=no_change, manifest=no_change, index=no_change, save=no_change, packed=None):
        self.layers = [layer + END for layer in layers]
        self.packed = [gzip.compress(layer, mtime=0) if packed == "gzip" else layer for layer in self.layers]
        media = LAYER + ("+gzip" if packed == "gzip" else "")
        self.config = dump(config({
            "architecture": "amd64", "os": "linux", "config": {"Cmd": ["/bin/true"]},
            "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in self.layers]}}))
        self.manifest = dump(manifest({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": descriptor(self.config, CONFIG),
            "layers": [descriptor(layer, media) for layer in self.packed]}))
        self.index = dump(index({"schemaVersion": 2, "manifests": [descriptor(
            self.manifest, MANIFEST, annotations={"org.opencontainers.image.ref.name": "hostile:1"})]}))
        names = [digest(layer)[7:] + "/layer.tar" for layer in self.layers]
        self.save = dump(save([{
            "Config": digest(self.config)[7:] + ".json", "RepoTags": ["hostile:1"], "Layers": names}]))
        self.blobs = [self.config, self.manifest, *self.packed]

    def oci_files(self):
        files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": self.index}
        return {**files, **{"blobs/sha256/" + digest(blob)[7:]: blob for blob in self.blobs}}

    def docker_files(self):
        files = {digest(layer)[7:] + "/layer.tar": layer for layer in self.layers}
        return {**files, digest(self.config)[7:] + ".json": self.config, "manifest.json": self.save}


def as_archive(files):
    """A value that is a list holds whole entries instead of a file's content."""
    return b"".join(b"".join(data) if isinstance(data, list) else entry(name, data)
                    for name, data in files.items()) + END


def as_directory(path, files):
    """A value that is callable makes the file by itself."""
    for name, data in files.items():
        at = os.path.join(path, name)
        os.makedirs(os.path.dirname(at), exist_ok=True)
        if callable(data):
            data(at)
        else:
            with open(at, "wb") as out:
                out.write(data)
