/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NAMESPACES_MOUNTS_H
#define NAMESPACES_MOUNTS_H
/*
 * What the container sees as its file system: one root, an ordered list of mounts, devices, masks.
 * mnt_plan() is pure; the rest obeys.
 *
 * Theory of operation.  The init is alone in its new mount namespace while it works.  It attaches a clone
 * of the root directory, keeps that mount's descriptor, and reaches everything below only from there by
 * openat2(RESOLVE_IN_ROOT): the image may be hostile, and another container may be rewriting it at this
 * moment.  A mount is first made detached (fsopen/open_tree), with all its attributes, and then moved onto
 * a descriptor: at no time is it visible half-configured, and no path is resolved twice.
 */
#include "base/text.h"
#include "namespaces/options.h"
#include "oci/spec.h"

struct mnt_host {
	bool privileged;	   /* may make mounts outside of the container's user namespace */
	const char *cgroup_mount;  /* cgroup v2 on this host; NULL when there is none */
};

enum mnt_kind { MNT_FS, MNT_BIND, MNT_REMOUNT };

struct mnt_op {
	enum mnt_kind kind;
	size_t index;	      /* in the document, for messages */
	const char *target;   /* clean, absolute in the container */
	const char *fs;	      /* MNT_FS */
	const char *source;   /* MNT_BIND: absolute host path; MNT_FS: what the file system calls it */
	struct mnt_options o;
	oci_mappings uids, gids; /* o.idmap: of the mount; empty: the container's own */
	bool plain_target;    /* must be a directory of the image itself, reached over no link (CVE-2023-27561) */
	bool by_parent;	      /* the tree is made outside and sent in */
	bool procfs;	      /* a bind on /proc: its source must be one */
};

struct mnt_dev {
	const char *path; /* clean, absolute */
	int type;	  /* 'c', 'b', 'p' */
	unsigned major, minor;
	uint32_t mode, uid, gid;
	bool bind; /* user namespace: mknod(2) is refused there, the host's node is bound instead */
};

/* A root that is put together: overlay.h */
struct mnt_overlay {
	strings lower;			/* absolute and clean, the top one first; len 0: root.path is the root */
	const char *dir, *upper, *work; /* absolute, and two names in it; NULL: nothing can be written */
	bool inside;			/* upper lies inside of a layer */
	bool volatile_, user_xattrs;
	bool no_devices; /* those of a layer do nothing: a user namespace's come from the host */
	const char *label;
};

struct mnt_plan {
	const char *root; /* absolute host path */
	struct mnt_overlay overlay;
	bool root_readonly, root_by_parent;
	bool root_idmap;	     /* layers and upper, or root.path, by the container's maps; */
	uint32_t root_uid, root_gid; /* on the host, for that */
	bool enter_only; /* a joined mount namespace: chroot, mount nothing */
	bool no_pivot;
	uint64_t first_propagation; /* of everything, before anything is mounted; 0: left shared */
	uint64_t propagation;	    /* of the finished root; 0: unchanged */
	LIST_OF(struct mnt_op) ops;
	LIST_OF(struct mnt_dev) devs;
	bool default_links;
	bool console;
	const char *cwd; /* made when missing */
	strings masked, readonly;
};

struct mnt_config {
	const char *bundle; /* absolute */
	bool no_pivot;
	int namespaces; /* CLONE_NEW* the container has, and … */
	int joined;	/* … those that it joins */
};

int mnt_plan(struct arena *a, const struct oci_spec *spec, const struct mnt_config *c, const struct mnt_host *host,
	     struct mnt_plan *out, struct err *e);
void mnt_explain(const struct mnt_plan *p, struct text *out);

/* How many trees the parent makes: the root first when root_by_parent, then the ops in order. */
size_t mnt_parent_trees(const struct mnt_plan *p);
/*
 * A helper of the parent.  Fills fds (that many), all or nothing; userns is the container's own, for idmapped mounts.
 * Ends in the mount namespace of `init`, a pidfd, which it enters when the root of layers is made: with the host's
 * identity, but in the container's copy of the mounts, what is cloned is locked as the kernel locks what a less
 * privileged namespace gets, so that nothing inside can take off a read-only or look below a mount.
 */
int mnt_make_trees(struct arena *a, const struct mnt_plan *p, int init, int userns, int *fds, struct err *e);

/*
 * The root of a container that does not run, with what is bound into it, for who works on its files: O_PATH, mounted
 * in a mount namespace that the caller then has for itself.  Where a file system is made anew at each start there is
 * an empty directory that cannot be written to; what is masked or read-only is so.
 */
int mnt_still(struct arena *a, const struct mnt_plan *p, int userns, struct err *e);

/*
 * Where the init works: the root, and the file systems of the kernel's own that it has just mounted there.
 * Nothing of the image lies in those, so their direct entries need no resolving at all.
 */
enum { MNT_OWN = 4 };
struct mnt_site {
	int root;
	struct {
		const char *path;
		int fd;
	} own[MNT_OWN];
	size_t n_own;
};
void mnt_site_done(struct mnt_site *s);

/* Init, in this order.  `trees` are the parent's, taken over; *out is zeroed but for root on failure. */
int mnt_build(const struct mnt_plan *p, int *trees, struct mnt_site *out, struct err *e);
struct mnt_console {
	int master, slave;
};
/* After mnt_build: a terminal from the container's own devpts, for an init bound on /dev/console too. */
int mnt_make_console(int root, uint32_t uid, uint32_t gid, bool bind, struct mnt_console *out, struct err *e);
int mnt_restrict(const struct mnt_plan *p, const struct mnt_site *s, struct err *e); /* masked and read-only paths */
int mnt_enter(const struct mnt_plan *p, int root, struct err *e);		     /* pivot_root, read-only root */
/*
 * Of a container that runs: binds a file of the host, read-only, over the file that its root has at `path`.  Nothing happens
 * when that is this file already.  What it covers stays below; somebody who has it open keeps it.
 */
int mnt_cover(int init, int root, const char *path, int file, struct err *e);
/* A procfs of the caller's pid namespace, attached nowhere. */
int mnt_private_procfs(struct err *e);
#endif
