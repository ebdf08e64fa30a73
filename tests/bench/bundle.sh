# SPDX-License-Identifier: GPL-2.0-or-later
#
# For sourcing by the scripts of the bench.

# set_layers DIRECTORY N - the bundle's root becomes rootfs under N-1 empty layers, in a user namespace
set_layers() {
	local n list=\"$1/rootfs\"
	for ((n = 1; n < $2; n++)); do mkdir -p "$1/layers/$n" && list="\"$1/layers/$n\",$list"; done
	mkdir -p "$1/upper" "$1/work"
	jq ".kist.root = {lower: [$list], upper: \"upper\", work: \"work\", idmap: true} | .linux.namespaces += [{type: \"user\"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings" \
		"$1/config.json" >"$1/config.new" && mv "$1/config.new" "$1/config.json"
}

# set_args FILE PROGRAM - in a configuration that `spec` wrote: no terminal, and PROGRAM to run
set_args() {
	sed -i -e 's/"terminal": *true/"terminal": false/' -e "s|\"sh\"|\"$2\"|" "$1"
	grep -q "\"$2\"" "$1" && ! grep -q '"terminal": *true' "$1"
}
