/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/plan.h"

#include <errno.h>
#include <string.h>

static int plan_devices(struct arena *a, const struct oci_linux *l, const struct net_host *host, struct net_plan *p, struct err *e)
{
	if (!l || !l->net_devices.len)
		return 0;
	if (!host->privileged)
		return err_set(e, EPERM, "linux.netDevices: only root of the host can give \"%s\" away", l->net_devices.at[0].host);
	p->devices.at = arena_array(a, l->net_devices.len, sizeof(*p->devices.at));
	for (size_t i = 0; i < l->net_devices.len; i++) {
		const struct oci_net_device *d = &l->net_devices.at[i];
		const char *name = d->name && *d->name ? d->name : d->host;

		for (size_t k = 0; k < i; k++)
			if (!strcmp(p->devices.at[k].name, name))
				return err_set(e, EINVAL, "linux.netDevices: \"%s\" and \"%s\" would both be named \"%s\" in the container",
					       p->devices.at[k].host, d->host, name);
		p->devices.at[p->devices.len++] = (struct net_device){ d->host, name };
	}
	return 0;
}

static int plan_address(const char *network, const char *text, int family, struct net_cidr *out, struct err *e)
{
	if (!text || (net_cidr_parse(text, out) && out->ip.family == family))
		return 0;
	return err_set(e, EINVAL, "kist.networks: \"%s\" is not an %s address for the network %s", text, family == AF_INET ? "IPv4" : "IPv6", network);
}

static bool is_taken(const struct net_plan *p, const char *interface)
{
	for (size_t i = 0; i < p->devices.len; i++)
		if (!strcmp(p->devices.at[i].name, interface))
			return true;
	for (size_t i = 0; i < p->wishes.len; i++)
		if (p->wishes.at[i].interface && !strcmp(p->wishes.at[i].interface, interface))
			return true;
	return !strcmp(interface, "lo");
}

static int plan_wish(struct arena *a, const struct oci_kist_network *n, struct net_plan *p, struct err *e)
{
	struct net_wish w = { .network = n->name, .interface = n->interface, .aliases = n->aliases };
	unsigned char *mac = arena_alloc(a, NET_MAC);
	int r;

	for (size_t i = 0; i < p->wishes.len; i++)
		if (!strcmp(p->wishes.at[i].network, n->name))
			return err_set(e, EINVAL, "kist.networks: the network \"%s\" is given twice", n->name);
	r = plan_address(n->name, n->address, AF_INET, &w.address, e);

	if (!r)
		r = plan_address(n->name, n->address6, AF_INET6, &w.address6, e);
	if (r)
		return r;
	if (n->mac && !net_mac_parse(n->mac, mac))
		return err_set(e, EINVAL, "kist.networks: \"%s\" is not a MAC address such as 02:00:00:00:00:01", n->mac);
	w.mac = n->mac ? mac : NULL;
	if (w.interface && is_taken(p, w.interface))
		return err_set(e, EINVAL, "kist.networks: the container would have two interfaces named \"%s\"", w.interface);
	p->wishes.at[p->wishes.len++] = w;
	return 0;
}

/* eth0, eth1 … in the order of the document, past the names that others were given. */
static void name_interfaces(struct arena *a, struct net_plan *p)
{
	unsigned next = 0;

	for (size_t i = 0; i < p->wishes.len; i++)
		while (!p->wishes.at[i].interface) {
			const char *name = arena_printf(a, "eth%u", next++);

			if (!is_taken(p, name))
				p->wishes.at[i].interface = name;
		}
}

/* Of one that is in no network yet there is nothing that would pass unlimited. */
static int plan_bandwidth(const struct oci_kist *k, const struct net_host *host, struct net_plan *p, struct err *e)
{
	if (k->bandwidth && !k->networks.len && (!host->made || p->devices.len))
		return err_set(e, EINVAL, "kist.bandwidth: without a network of its own there is nothing to limit");
	p->bandwidth = k->bandwidth;
	return net_limits_judge(k->bandwidth, &p->limits, e);
}

static int plan_networks(struct arena *a, const struct oci_spec *spec, const struct net_host *host, struct net_plan *p, struct err *e)
{
	const struct oci_kist *k = spec->kist;
	int r = 0;

	if (k)
		r = plan_bandwidth(k, host, p, e);
	if (r || !k || !(k->networks.len + k->ports.len))
		return r;
	if (!k->networks.len)
		return err_set(e, EINVAL, "kist.ports: without a network there is nothing that they could lead to");
	if (!host->made)
		return err_set(e, EINVAL, "kist.networks: only a network namespace that is made for the container gets interfaces");
	if (!host->privileged)
		return err_set(e, EPERM, "kist.networks: only root of the host can put a container into the network \"%s\"", k->networks.at[0].name);
	p->wishes.at = arena_array(a, k->networks.len, sizeof(*p->wishes.at));
	for (size_t i = 0; i < k->networks.len && !r; i++)
		r = plan_wish(a, &k->networks.at[i], p, e);
	if (r)
		return r;
	name_interfaces(a, p);
	return net_published_plan(a, k, &p->ports, e);
}

int net_plan(struct arena *a, const struct oci_spec *spec, const struct net_host *host, struct net_plan *out, struct err *e)
{
	struct net_plan p = { 0 };
	int r = plan_devices(a, spec->linux_, host, &p, e);

	if (!r)
		r = plan_networks(a, spec, host, &p, e);
	if (!r)
		r = net_plan_etc(a, spec, host, &p.etc, e);
	if (!r)
		*out = p;
	return r;
}

bool net_is_empty(const struct net_plan *p)
{
	return !p->devices.len && !p->wishes.len;
}

static void explain_address(const struct net_cidr *c, struct text *out)
{
	if (c->ip.family)
		text_add(out, ", %s", net_ip_text(out->arena, &c->ip));
}

static void explain_limit(const char *direction, uint64_t bits, struct text *out)
{
	if (bits)
		text_add(out, "bandwidth: %s %s for each network\n", direction, net_rate_text(out->arena, bits));
}

void net_explain(const struct net_plan *p, struct text *out)
{
	for (size_t i = 0; i < p->devices.len; i++)
		text_add(out, "network device: %s of the host becomes %s\n", p->devices.at[i].host, p->devices.at[i].name);
	for (size_t i = 0; i < p->wishes.len; i++) {
		const struct net_wish *w = &p->wishes.at[i];

		text_add(out, "network: %s as %s", w->network, w->interface);
		explain_address(&w->address, out);
		explain_address(&w->address6, out);
		text_add(out, "%s%s", w->mac ? ", " : "", w->mac ? net_mac_text(out->arena, w->mac) : "");
		for (size_t k = 0; k < w->aliases.len; k++)
			text_add(out, "%s %s", k ? "" : ", also called", w->aliases.at[k]);
		text_add(out, "\n");
	}
	for (size_t i = 0; i < p->ports.len; i++)
		net_published_explain(&p->ports.at[i], out);
	explain_limit("in", p->limits.in, out);
	explain_limit("out", p->limits.out, out);
	net_explain_etc(&p->etc, out);
}
