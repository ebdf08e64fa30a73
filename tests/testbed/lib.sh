# SPDX-License-Identifier: GPL-2.0-or-later
# For the programs beside it: where things are, and their names.
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/recipe"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/kist/testbed

mirror() { # the one that this machine's apt uses
	apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' \
		"Codename: $(. /etc/os-release && echo "$VERSION_CODENAME")" | sed 's|/*$||;q'
}

key() { # FILE...: names what standard input and these files make
	cat - "${@/#/$here/}" | sha256sum | cut -c 1-12
}

# Each is named after all that it is made from: an image after its recipe and its makers, a template
# (the booted image, frozen) after the image, the emulator and the way it is called.
tools_name() { echo "tools-$(echo "${suite[tools]} ${packages[tools]}" | key mkroot)"; }
image_name() { echo "image-$1-$(echo "${suite[$1]} ${packages[$1]}" | key mkroot mkkernel mkimage agent.c)"; }
template_name() { echo "template-$1-$( (image_name "$1" && tools_name) | key vm)"; }

known() { # KERNEL
	[[ " ${kernels[*]} " == *" $1 "* ]] || { echo "no kernel $1; there are: ${kernels[*]}" >&2; exit 2; }
}

# Where the host finds what lies below SRCDIR and BUILDDIR here. Sets shares, the arguments of ./vm,
# and inner, a line of shell that gives a test its environment.
srcdir=$(realpath "${SRCDIR:-$here/../..}")
builddir=$(realpath -m "${BUILDDIR:-$srcdir/build}")

inside() { # PATH
	case $1 in
	"$srcdir" | "$srcdir"/*) echo "/mnt/source${1#"$srcdir"}" ;;
	"$builddir" | "$builddir"/*) echo "/mnt/build${1#"$builddir"}" ;;
	*) echo "$1 is neither in $srcdir nor in $builddir" >&2 && return 1 ;;
	esac
}

share() {
	local kist payload
	kist=$(inside "$(realpath "${KIST:-$builddir/kist}")") || return 1
	payload=$(inside "$(realpath "${PAYLOAD:-$builddir/tests/payload}")") || return 1
	shares=(--share "$srcdir:/mnt/source")
	[[ $builddir/ == "$srcdir"/* ]] || shares+=(--share "$builddir:/mnt/build")
	inner="export SRCDIR=/mnt/source BUILDDIR=$(inside "$builddir") KIST=$kist PAYLOAD=$payload"
}
