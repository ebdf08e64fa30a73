/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "kist": what an instance's document says beyond the specification, which lets a document carry unknown properties. */
#include <ctype.h>
#include <netinet/in.h>
#include <string.h>

#include "base/path.h"
#include "oci/tables.h"

enum { LAYERS_MAX = 500 /* OVL_MAX_STACK */, NAME_LENGTH = 64, HOST_NAME_LENGTH = 253, PORT_LAST = 65535 };

/* "" for a name alone, which lies in the bundle itself. */
static size_t parent_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

static int check_lower(const struct oci_kist_root *r, const struct json *v, struct err *e)
{
	const struct json *given = json_get(v, "lower");

	if (given && given->type == JSON_ARRAY && !r->lower.len)
		return oci_bad_key(v, "lower", e, "the list is empty: leave it out, or name at least one layer");
	if (r->lower.len > LAYERS_MAX)
		return oci_bad_key(v, "lower", e, "%zu layers, but Linux takes at most %d", r->lower.len, LAYERS_MAX);
	for (size_t i = 0; i < r->lower.len; i++)
		if (*r->lower.at[i] != '/' || !path_is_clean(r->lower.at[i]))
			return oci_bad_item(v, "lower", i, e, "expected an absolute path without \"..\", \".\" and empty parts");
	return 0;
}

static int check_upper(const struct oci_kist_root *r, const struct json *v, struct err *e)
{
	const char *const keys[] = { "upper", "work" }, *const paths[] = { r->upper, r->work };
	size_t n;

	if (!r->upper != !r->work)
		return oci_bad_key(v, keys[!r->upper], e, "needs %s too", keys[!!r->upper]);
	if (r->volatile_ && !r->upper)
		return oci_bad_key(v, "volatile", e, "needs upper and work: without them nothing is written");
	if (!r->upper)
		return 0;
	if (!r->lower.len)
		return oci_bad_key(v, "upper", e, "needs lower, the layers that it lies upon");
	for (size_t i = 0; i < 2; i++)
		if (!path_is_clean(paths[i]) || !strcmp(paths[i], "/"))
			return oci_bad_key(v, keys[i], e, "expected a path without \"..\", \".\" and empty parts");
	n = parent_length(r->upper);
	if (parent_length(r->work) != n || strncmp(r->upper, r->work, n) || !strcmp(r->upper, r->work))
		return oci_bad_key(v, "work", e, "must lie beside upper, in the same directory: the kernel moves files between them");
	return 0;
}

static int check_kist_root(const void *p, const struct json *v, struct err *e)
{
	int r = check_lower(p, v, e);

	return r ? r : check_upper(p, v, e);
}

#define S struct oci_kist_root
static const struct field kist_root_fields[] = {
	F_STRS(S, lower, "lower", 0),
	F_STR(S, upper, "upper", 0),
	F_STR(S, work, "work", 0),
	F_BOOL(S, volatile_, "volatile", 0),
	F_BOOL(S, idmap, "idmap", 0),
};
static const struct object kist_root_object = OBJECT(S, kist_root_fields, check_kist_root);
#undef S

static bool is_word(const char *s, size_t most)
{
	size_t n = strlen(s);

	return n && n <= most && isalnum((unsigned char)*s) &&
	       n == strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");
}

bool oci_is_name(const char *s)
{
	return is_word(s, NAME_LENGTH - 1);
}

bool oci_is_host_name(const char *s)
{
	return is_word(s, HOST_NAME_LENGTH);
}

const struct word oci_protocol_words[] = { { "tcp", IPPROTO_TCP }, { "udp", IPPROTO_UDP }, { "sctp", IPPROTO_SCTP }, { NULL, 0 } };

static int check_network(const void *p, const struct json *v, struct err *e)
{
	const struct oci_kist_network *n = p;
	char shown[JSON_SHOWN];

	if (!oci_is_name(n->name))
		return oci_bad_key(v, "name", e, "\"%s\" is not the name of a network", json_shown(shown, n->name));
	if (n->interface && (!oci_is_link_name(n->interface) || strchr(n->interface, '%')))
		return oci_bad_key(v, "interface", e, "\"%s\" is not a name for a network interface", json_shown(shown, n->interface));
	for (size_t i = 0; i < n->aliases.len; i++)
		if (!oci_is_host_name(n->aliases.at[i]))
			return oci_bad_item(v, "aliases", i, e, "\"%s\" is not the name of a host", json_shown(shown, n->aliases.at[i]));
	return 0;
}

#define S struct oci_kist_network
static const struct field network_fields[] = {
	F_STR(S, name, "name", REQUIRED),
	F_STR(S, interface, "interface", 0),
	F_STR(S, address, "address", 0),
	F_STR(S, address6, "address6", 0),
	F_STR(S, mac, "mac", 0),
	F_STRS(S, aliases, "aliases", 0),
};
const struct object oci_kist_network_object = OBJECT(S, network_fields, check_network);
#undef S

static int check_port(const void *p, const struct json *v, struct err *e)
{
	const struct oci_kist_port *port = p;

	if (port->end && *port->end < port->host)
		return oci_bad_key(v, "end", e, "%u comes before host, %u", *port->end, port->host);
	if (port->end && *port->end - port->host > PORT_LAST - port->container)
		return oci_bad_key(v, "container", e, "%u and the %u ports after it are more than there are", port->container,
				   *port->end - port->host);
	return 0;
}

#define S struct oci_kist_port
static const struct field port_fields[] = {
	F_U32_IN(S, host, "host", REQUIRED, 1, PORT_LAST),
	F_OPT_U32_IN(S, end, "end", 1, PORT_LAST),
	F_U32_IN(S, container, "container", REQUIRED, 1, PORT_LAST),
	F_WORD(S, protocol, "protocol", REQUIRED, oci_protocol_words),
	F_STR(S, address, "address", 0),
};
const struct object oci_kist_port_object = OBJECT(S, port_fields, check_port);
#undef S

#define S struct oci_kist_bandwidth
static const struct field bandwidth_fields[] = { F_STR(S, in, "in", 0), F_STR(S, out, "out", 0) };
const struct object oci_kist_bandwidth_object = OBJECT(S, bandwidth_fields, NULL);
#undef S

#define S struct oci_kist_names
static const struct field names_fields[] = {
	F_BOOL(S, hosts, "hosts", 0),	  F_BOOL(S, hostname, "hostname", 0), F_BOOL(S, resolver, "resolver", 0),
	F_STRS(S, add, "add", 0),	  F_STRS(S, servers, "servers", 0),   F_STRS(S, search, "search", 0),
	F_STRS(S, options, "options", 0),
};
static const struct object names_object = OBJECT(S, names_fields, NULL);
#undef S

static int check_kist(const void *p, const struct json *v, struct err *e)
{
	const struct oci_kist *k = p;

	if (k->network_of && k->networks.len + k->ports.len)
		return oci_bad_key(v, "networkOf", e, "with another's network go neither networks nor ports");
	return 0;
}

#define S struct oci_kist
static const struct field kist_fields[] = {
	F_OBJ(S, root, struct oci_kist_root, "root", 0, &kist_root_object),
	F_LIST(S, networks, struct oci_kist_network, "networks", &oci_kist_network_object),
	F_LIST(S, ports, struct oci_kist_port, "ports", &oci_kist_port_object),
	F_OBJ(S, bandwidth, struct oci_kist_bandwidth, "bandwidth", 0, &oci_kist_bandwidth_object),
	F_OBJ(S, names, struct oci_kist_names, "names", 0, &names_object),
	F_STR(S, network_of, "networkOf", 0),
	F_STR(S, image, "image", 0),
	F_STR(S, image_digest, "imageDigest", 0),
	F_STRS(S, volumes, "volumes", 0),
	F_BOOL(S, remove, "remove", 0),
	F_BOOL(S, init, "init", 0),
	F_STR(S, state, "state", 0),
	F_STR(S, stop_signal, "stopSignal", 0),
	F_OPT_I64_IN(S, log_max, "logMax", -1, INT64_MAX / 2),
	F_MAP(S, labels, "labels"),
};
const struct object oci_kist_object = OBJECT(S, kist_fields, check_kist);
#undef S
