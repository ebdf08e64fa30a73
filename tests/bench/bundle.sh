# SPDX-License-Identifier: GPL-2.0-or-later
#
# For sourcing by the scripts of the bench.

# set_args FILE PROGRAM - in a configuration that `spec` wrote: no terminal, and PROGRAM to run
set_args() {
	sed -i -e 's/"terminal": *true/"terminal": false/' -e "s|\"sh\"|\"$2\"|" "$1"
	grep -q "\"$2\"" "$1" && ! grep -q '"terminal": *true' "$1"
}
