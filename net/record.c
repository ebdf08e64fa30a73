/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attached/ID.json: lease.h. */
#include <errno.h>
#include <string.h>

#include "base/proc.h"
#include "net/files.h"
#include "net/lease.h"

#define FOLDER "attached"

#define S struct net_taken
static const struct field taken_fields[] = {
	F_STR(S, name, "name", REQUIRED), F_STR(S, hardware, "hardware", REQUIRED), F_STR(S, mac, "mac", REQUIRED),
	F_BOOL(S, up, "up", 0), F_STRS(S, addresses, "addresses", 0),
};
const struct object net_taken_object = OBJECT(S, taken_fields, NULL);
#undef S

#define S struct net_attachment
static const struct field attachment_fields[] = {
	F_STR(S, network, "network", REQUIRED), F_STR(S, interface, "interface", REQUIRED),
	F_STR(S, host_interface, "hostInterface", 0), F_STR(S, mac, "mac", 0),
	F_STR(S, address, "address", 0), F_STR(S, address6, "address6", 0),
	F_BOOL(S, unfinished, "unfinished", 0),
	F_STRS(S, aliases, "aliases", 0),
	F_OBJ(S, taken, struct net_taken, "taken", 0, &net_taken_object),
};
static const struct object attachment = OBJECT(S, attachment_fields, NULL);
#undef S

#define S struct net_sharer
static const struct field sharer_fields[] = { F_I64(S, pid, "pid", REQUIRED), F_U64(S, start, "start", REQUIRED) };
static const struct object sharer = OBJECT(S, sharer_fields, NULL);
#undef S

#define S struct net_record
static const struct field fields[] = {
	F_STR(S, id, "id", REQUIRED),
	F_STR(S, boot, "boot", REQUIRED),
	F_I64(S, pid, "pid", REQUIRED),
	F_U64(S, start, "start", REQUIRED),
	F_LIST(S, networks, struct net_attachment, "networks", &attachment),
	F_LIST(S, ports, struct oci_kist_port, "ports", &oci_kist_port_object),
	F_OBJ(S, bandwidth, struct oci_kist_bandwidth, "bandwidth", 0, &oci_kist_bandwidth_object),
	F_LIST(S, sharers, struct net_sharer, "sharers", &sharer),
	F_STR(S, target, "target", 0),
	F_STR(S, target6, "target6", 0),
	F_STRS(S, names, "names", 0),
	F_BOOL(S, hosts, "hosts", 0),
	F_BOOL(S, shares, "shares", 0),
	F_STRS(S, lines, "lines", 0),
};
static const struct object record = OBJECT(S, fields, NULL);
#undef S

net_ips net_record_ips(struct arena *a, const struct net_record *r)
{
	net_ips l = { arena_array(a, 2 * r->networks.len, sizeof(*l.at)), 0 };

	for (size_t i = 0; i < r->networks.len; i++) {
		const char *texts[] = { r->networks.at[i].address, r->networks.at[i].address6 };
		struct net_cidr c;

		for (size_t k = 0; k < 2; k++)
			if (texts[k] && net_cidr_parse(texts[k], &c))
				l.at[l.len++] = c.ip;
	}
	return l;
}

int net_boot_id(struct arena *a, const char **out, struct err *e)
{
	static char known[64]; /* one start asks three times */
	char *text;
	int r = *known ? 0 : file_read(a, AT_FDCWD, "/proc/sys/kernel/random/boot_id", sizeof(known) - 1, &text, NULL);

	if (r < 0)
		return err_num(e, r, "read /proc/sys/kernel/random/boot_id");
	if (!*known)
		memcpy(known, text, strcspn(text, "\n"));
	*out = known;
	return 0;
}

static bool lives(int64_t pid, uint64_t start)
{
	uint64_t at;
	char state;

	return pid > 0 && proc_start((pid_t)pid, &at, &state) == 0 && at == start && state != 'Z';
}

bool net_sharer_lives(const struct net_sharer *s)
{
	return lives(s->pid, s->start);
}

bool net_record_lives(const struct net_record *r, const char *boot)
{
	bool any = lives(r->pid, r->start);

	for (size_t i = 0; i < r->sharers.len && !any; i++)
		any = net_sharer_lives(&r->sharers.at[i]);
	return any && !strcmp(r->boot, boot);
}

int net_record_write(struct arena *a, int data, const struct net_record *r, struct err *e)
{
	size_t len;
	const char *text = oci_encode_text(a, &record, r, JSON_COMPACT, &len);
	/* What a power cut loses is stale after it anyway. */
	int rc = net_file_put(a, data, FOLDER, r->id, text, len, FILE_VOLATILE);

	return rc < 0 ? err_num(e, rc, "write down the addresses of container %s", r->id) : 0;
}

int net_record_read(struct arena *a, int data, const char *id, struct net_record *out, struct err *e)
{
	char *text;
	size_t len;
	int r = net_file_read(a, data, FOLDER, id, &text, &len);

	if (r < 0)
		return r == -ENOENT ? r : err_num(e, r, "read the addresses of container %s", id);
	*out = (struct net_record){ 0 };
	/* A power cut leaves files empty or torn: whoever that was is dead. */
	if (oci_decode_text(a, &record, id, text, len, out, NULL))
		*out = (struct net_record){ .id = arena_strdup(a, id), .boot = "" };
	return 0;
}

int net_record_of(struct arena *a, const struct net_place *who, struct net_record *out, struct err *e)
{
	const char *boot;
	int r = net_record_read(a, who->data, who->id, out, e);

	if (!r)
		r = net_boot_id(a, &boot, e);
	if (r || (out->pid == who->pid && out->start == who->start) || !net_record_lives(out, boot))
		return r;
	return err_set(e, EEXIST, "another container %s, of another --root, is in networks of the same data directory: choose another name", who->id);
}

int net_record_delete(struct arena *a, int data, const char *id, struct err *e)
{
	int r = net_file_remove(a, data, FOLDER, id);

	return r < 0 && r != -ENOENT ? err_num(e, r, "forget the addresses of container %s", id) : 0;
}

int net_record_list(struct arena *a, int data, net_records *out, struct err *e)
{
	strings names;
	int r = net_file_names(a, data, FOLDER, &names);
	net_records l = { NULL, 0 };

	if (r < 0)
		return err_num(e, r, "read the directory " FOLDER " of the data directory");
	l.at = arena_array(a, names.len, sizeof(*l.at));
	for (size_t i = 0; i < names.len && !r; i++) {
		r = net_record_read(a, data, names.at[i], &l.at[l.len], e);
		l.len += !r;
		r = r == -ENOENT ? 0 : r; /* gone meanwhile */
	}
	*out = l;
	return r;
}

int net_record_living(struct arena *a, int data, net_records *out, struct err *e)
{
	const char *boot;
	net_records all;
	size_t n = 0;
	int r = net_record_list(a, data, &all, e);

	if (!r)
		r = net_boot_id(a, &boot, e);
	for (size_t i = 0; !r && i < all.len; i++)
		if (net_record_lives(&all.at[i], boot))
			all.at[n++] = all.at[i];
	all.len = n;
	*out = all;
	return r;
}
