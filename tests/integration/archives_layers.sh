#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Hostile layers: names, links, whiteouts, devices, sizes, headers, attributes.
. "$(dirname "$0")/hostile/lib.sh"
groups layers
finish
