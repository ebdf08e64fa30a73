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

int net_plan(struct arena *a, const struct oci_spec *spec, const struct net_host *host, struct net_plan *out, struct err *e)
{
	struct net_plan p = { 0 };
	int r = plan_devices(a, spec->linux_, host, &p, e);

	if (!r)
		*out = p;
	return r;
}

bool net_is_empty(const struct net_plan *p)
{
	return !p->devices.len;
}

void net_explain(const struct net_plan *p, struct text *out)
{
	for (size_t i = 0; i < p->devices.len; i++)
		text_add(out, "network device: %s of the host becomes %s\n", p->devices.at[i].host, p->devices.at[i].name);
}
