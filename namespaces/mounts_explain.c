/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/sys.h"
#include "namespaces/overlay.h"

static const struct {
	uint64_t bits;
	const char *word;
} attrs[] = {
	{ MOUNT_ATTR_RDONLY, "ro" },	   { MOUNT_ATTR_NOSUID, "nosuid" },	    { MOUNT_ATTR_NODEV, "nodev" },
	{ MOUNT_ATTR_NOEXEC, "noexec" },   { MOUNT_ATTR_NOATIME, "noatime" },	    { MOUNT_ATTR_STRICTATIME, "strictatime" },
	{ MOUNT_ATTR_NODIRATIME, "nodiratime" }, { MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow" },
};

static void explain_attrs(const char *sign, uint64_t bits, struct text *out)
{
	for (size_t i = 0; i < sizeof(attrs) / sizeof(attrs[0]); i++)
		if ((bits & attrs[i].bits) == attrs[i].bits)
			text_add(out, " %s%s", sign, attrs[i].word);
}

static const char *propagation_word(uint64_t p)
{
	return p == MS_SHARED ? "shared" : p == MS_SLAVE ? "slave" : p == MS_PRIVATE ? "private" : "unbindable";
}

static void explain_op(const struct mnt_op *op, struct text *out)
{
	const struct mnt_options *o = &op->o;

	if (op->kind == MNT_FS)
		text_add(out, "mount %s: %s, source %s", op->target, op->fs, op->source);
	else if (op->kind == MNT_BIND)
		text_add(out, "%s %s: %s", o->recursive ? "rbind" : "bind", op->target, op->source);
	else
		text_add(out, "remount %s:", op->target);
	explain_attrs("+", o->set, out);
	explain_attrs("-", o->clear & ~(uint64_t)MOUNT_ATTR__ATIME, out);
	if (!(o->set & MOUNT_ATTR__ATIME) && o->clear & MOUNT_ATTR__ATIME)
		text_add(out, " +relatime");
	explain_attrs("+r", o->rec_set, out);
	explain_attrs("-r", o->rec_clear & ~(uint64_t)MOUNT_ATTR__ATIME, out);
	if (!(o->rec_set & MOUNT_ATTR__ATIME) && o->rec_clear & MOUNT_ATTR__ATIME)
		text_add(out, " +rrelatime");
	for (size_t i = 0; i < o->data.len; i++)
		text_add(out, " %s", o->data.at[i]);
	if (o->propagation)
		text_add(out, ", %s%s", o->rec_propagation ? "r" : "", propagation_word(o->propagation));
	if (o->copy_up)
		text_add(out, ", filled from the image");
	if (o->idmap)
		text_add(out, ", idmapped %s%s", o->rec_idmap ? "with all below " : "", op->uids.len ? "by its own maps" : "as the container");
	if (op->plain_target)
		text_add(out, ", target must not be a link");
	text_add(out, "%s\n", op->by_parent ? ", made outside" : "");
}

static void explain_paths(const char *what, const strings *s, struct text *out)
{
	for (size_t i = 0; i < s->len; i++)
		text_add(out, "%s: %s\n", what, s->at[i]);
}

void mnt_explain(const struct mnt_plan *p, struct text *out)
{
	text_add(out, "root: %s%s%s%s%s%s\n", p->overlay.lower.len ? "overlay for " : "", p->root, p->root_readonly ? ", read-only" : "",
		 p->enter_only ? ", entered by chroot" : p->no_pivot ? ", moved over / (no pivot_root)" : "",
		 p->root_by_parent ? ", made outside" : "", p->root_idmap ? ", idmapped as the container" : "");
	mnt_explain_overlay(&p->overlay, out);
	if (p->enter_only)
		return;
	text_add(out, "propagation from the host: %s\n", p->first_propagation ? propagation_word(p->first_propagation) : "shared");
	for (size_t i = 0; i < p->ops.len; i++)
		explain_op(&p->ops.at[i], out);
	for (size_t i = 0; i < p->devs.len; i++) {
		const struct mnt_dev *d = &p->devs.at[i];

		text_add(out, "device %s: %c %u:%u mode %04o owner %u:%u%s\n", d->path, d->type, d->major, d->minor, d->mode,
			 d->uid, d->gid, d->bind ? ", bound from the host" : "");
	}
	if (p->default_links)
		text_add(out, "links: /dev/fd /dev/stdin /dev/stdout /dev/stderr /dev/core /dev/ptmx\n");
	if (p->console)
		text_add(out, "terminal: /dev/console\n");
	explain_paths("masked", &p->masked, out);
	explain_paths("read-only", &p->readonly, out);
	if (p->propagation)
		text_add(out, "propagation of the root: %s\n", propagation_word(p->propagation));
}
