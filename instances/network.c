/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/network.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/text.h"
#include "net/network.h"
#include "runtime/container.h"

enum { PORT_LAST = 65535 };

static int bad_network(const char *given, const char *what, struct err *e)
{
	return err_set(e, EINVAL, "option --network \"%s\": %s; expected NAME[:KEY=VALUE,...] with ip, ip6, mac, ifname or alias", given, what);
}

static const char **slot_of(struct oci_kist_network *n, const char *key, size_t len)
{
	const struct {
		const char *key, **slot;
	} keys[] = { { "ip", &n->address }, { "ip6", &n->address6 }, { "mac", &n->mac }, { "ifname", &n->interface } };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strlen(keys[i].key) == len && !strncmp(keys[i].key, key, len))
			return keys[i].slot;
	return NULL;
}

/* NAME[:KEY=VALUE,...]; an address of IPv6 and a MAC have colons, too. */
static int parse_network(struct arena *a, const char *given, struct oci_kist_network *out, struct err *e)
{
	char *copy = arena_strdup(a, given), *colon = strchr(copy, ':'), *save = NULL;

	out->name = copy;
	if (colon)
		*colon++ = 0;
	if (!oci_is_name(copy))
		return bad_network(given, "no name of a network", e);
	for (char *w = colon ? strtok_r(colon, ",", &save) : NULL; w; w = strtok_r(NULL, ",", &save)) {
		size_t n = strcspn(w, "=");
		const char **slot = slot_of(out, w, n);

		if (n == strlen("alias") && text_starts(w, "alias=") && oci_is_host_name(w + n + 1)) {
			out->aliases.at = arena_grow(a, out->aliases.at, out->aliases.len, sizeof(*out->aliases.at));
			out->aliases.at[out->aliases.len++] = w + n + 1;
			continue;
		}
		if (!slot || !w[n] || !w[n + 1])
			return bad_network(given, arena_printf(a, "\"%s\" is none of its settings", w), e);
		*slot = w + n + 1;
	}
	return 0;
}

static int parse_one(struct arena *a, const char *given, struct inst_network *n, struct err *e)
{
	static const char other[] = "container:";
	int r;

	if (!strcmp(given, "none"))
		return 0;
	if (!strcmp(given, "host"))
		return n->host = true, 0;
	if (!text_starts(given, other))
		return parse_network(a, given, &n->networks.at[n->networks.len++], e);
	n->of = given + strlen(other);
	r = ct_check_id(n->of, e);
	return r ? err_in(e, r, "option --network \"%s\"", given) : 0;
}

/* Whoever says nothing gets the network that is there without having been defined. */
static int parse_networks(struct arena *a, const struct inst_options *o, struct inst_network *n, struct err *e)
{
	n->networks.at = arena_array(a, o->networks.len + 1, sizeof(*n->networks.at));
	if (!o->networks.len)
		n->networks.at[n->networks.len++].name = NET_DEFAULT;
	for (size_t i = 0; i < o->networks.len; i++) {
		int r = parse_one(a, o->networks.at[i], n, e);

		if (r)
			return r;
	}
	if (o->networks.len > 1 && n->networks.len < o->networks.len)
		return err_set(e, EINVAL, "option --network: host, none, container:NAME and networks exclude each other");
	return 0;
}

/* --ip and its like say of the only network what NETWORK:ip=… says of one of several. */
static int parse_short(const struct inst_options *o, struct inst_network *n, struct err *e)
{
	struct oci_kist_network *only = n->networks.at;
	const struct {
		const char *option, *given, **slot;
	} rows[] = { { "ip", o->ip, &only->address }, { "ip6", o->ip6, &only->address6 }, { "mac-address", o->mac, &only->mac } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!rows[i].given)
			continue;
		if (n->networks.len != 1)
			return err_set(e, EINVAL, "option --%s: %s", rows[i].option,
				       n->networks.len ? "with several networks say at which: --network NAME:KEY=VALUE"
						       : "the instance has no network of its own");
		if (*rows[i].slot)
			return err_set(e, EINVAL, "option --%s: --network \"%s\" says the same", rows[i].option, o->networks.at[0]);
		*rows[i].slot = rows[i].given;
	}
	return 0;
}

static int parse_bandwidth(const struct inst_options *o, struct inst_network *n, struct err *e)
{
	const struct {
		const char *source, *given;
	} rows[] = { { "option --bandwidth-in", o->bandwidth.in }, { "option --bandwidth-out", o->bandwidth.out } };
	uint64_t bits;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int r = rows[i].given ? net_rate_judge(rows[i].source, rows[i].given, &bits, e) : 0;

		if (r)
			return r;
		if (rows[i].given && !n->networks.len)
			return err_set(e, EINVAL, "%s: the instance has no network of its own that could be limited", rows[i].source);
	}
	n->bandwidth = o->bandwidth.in || o->bandwidth.out ? &o->bandwidth : NULL;
	return 0;
}

static int bad_port(const char *option, const char *given, struct err *e)
{
	return err_set(e, EINVAL, "option --%s \"%s\": expected [ADDRESS:]HOST[-LAST][:PORT[-LAST]][/tcp|udp|sctp], such as 53:53/udp; [ADDRESS] for IPv6",
		       option, given);
}

static bool read_port(const char *text, uint32_t *out)
{
	return text_u32(text, out) && *out && *out <= PORT_LAST;
}

/* PORT or PORT-LAST */
static bool read_ports(char *text, uint32_t *first, uint32_t *last)
{
	char *dash = strchr(text, '-');

	if (dash)
		*dash++ = 0;
	if (!read_port(text, first) || (dash && !read_port(dash, last)))
		return false;
	*last = dash ? *last : *first;
	return *last >= *first;
}

/* An address before the ports: in brackets, or with a colon and dots. */
static bool split_address(char **rest, const char **address)
{
	char *end = **rest == '[' ? strstr(*rest, "]:") : strchr(*rest, ':');

	if (**rest != '[' && (!end || !memchr(*rest, '.', (size_t)(end - *rest))))
		return true;
	if (!end)
		return false;
	*address = **rest == '[' ? *rest + 1 : *rest;
	*rest = end + (**rest == '[' ? 2 : 1);
	*end = 0;
	return true;
}

static int parse_port(struct arena *a, const char *option, const char *given, struct oci_kist_port *out, struct err *e)
{
	char *rest = arena_strdup(a, given), *slash = strchr(rest, '/'), *colon;
	const struct word *protocol = slash ? word_find(oci_protocol_words, slash + 1) : NULL;
	uint32_t *end = arena_alloc(a, sizeof(*end)), last;
	struct net_ip ip;

	if (slash)
		*slash = 0;
	if ((slash && !protocol) || !split_address(&rest, &out->address) || (out->address && !net_ip_parse(out->address, &ip)))
		return bad_port(option, given, e);
	out->protocol = protocol ? protocol->value : IPPROTO_TCP;
	colon = strchr(rest, ':');
	if (colon)
		*colon++ = 0;
	if (!read_ports(rest, &out->host, end))
		return bad_port(option, given, e);
	out->end = *end > out->host ? end : NULL;
	out->container = out->host;
	if (colon && !read_ports(colon, &out->container, &last))
		return bad_port(option, given, e);
	if (colon && last > out->container && last - out->container != *end - out->host)
		return err_set(e, EINVAL, "option --%s \"%s\": as many ports are led as there are to lead to", option, given);
	if (out->end && *end - out->host > PORT_LAST - out->container)
		return err_set(e, EINVAL, "option --%s \"%s\": %u and the %u ports after it are more than there are", option, given, out->container, *end - out->host);
	return 0;
}

int inst_ports_parse(struct arena *a, const char *option, const strings *given, inst_ports *out, struct err *e)
{
	int r = 0;

	*out = (inst_ports){ arena_array(a, given->len, sizeof(*out->at)), 0 };
	for (size_t i = 0; i < given->len && !r; i++)
		r = parse_port(a, option, given->at[i], &out->at[out->len++], e);
	return r;
}

int inst_network_parse(struct arena *a, const struct inst_options *o, struct inst_network *out, struct err *e)
{
	struct inst_network n = { .host = false };
	int r = parse_networks(a, o, &n, e);

	if (!r)
		r = parse_short(o, &n, e);
	if (!r)
		r = inst_ports_parse(a, "publish", &o->ports, &n.ports, e);
	if (!r && n.ports.len && !n.networks.len)
		r = err_set(e, EINVAL, "option --publish: the instance has no network of its own that ports could lead to");
	if (!r)
		r = parse_bandwidth(o, &n, e);
	if (!r)
		*out = n;
	return r;
}
