#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Hostile images around a good layer: digests, sizes, JSON, and what the files of an image may be.
. "$(dirname "$0")/hostile/lib.sh"
groups documents
finish
