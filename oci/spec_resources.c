/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "linux.resources": config-linux.md, "Control groups".  Also what `update` reads. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "oci/tables.h"

/* dev_t of Linux: 12 bits major, 20 bits minor; -1 is runc's "any" in device rules. */
enum { MAJOR_MAX = (1 << 12) - 1, MINOR_MAX = (1 << 20) - 1 };

static const struct word rule_types[] = { { "a", 'a' }, { "c", 'c' }, { "b", 'b' }, { NULL, 0 } };

static int check_device_rule(const void *p, const struct json *v, struct err *e)
{
	const struct oci_device_rule *r = p;
	char shown[JSON_SHOWN];

	if (r->access && r->access[strspn(r->access, "rwm")])
		return oci_bad_key(v, "access", e, "\"%s\" is not composed of r, w and m",
				   json_shown(shown, r->access));
	return 0;
}

#define S struct oci_device_rule
static const struct field device_rule_fields[] = {
	F_BOOL(S, allow, "allow", REQUIRED),
	F_TOKEN(S, type, "type", 0, rule_types),
	F_OPT_I64_IN(S, major, "major", -1, MAJOR_MAX),
	F_OPT_I64_IN(S, minor, "minor", -1, MINOR_MAX),
	F_STR(S, access, "access", 0),
};
static const struct object device_rule = OBJECT(S, device_rule_fields, check_device_rule);
#undef S

static int check_memory(const void *p, const struct json *v, struct err *e)
{
	const struct oci_memory *m = p;

	if (m->swap && m->limit && *m->swap > 0 && *m->limit > 0 && *m->swap < *m->limit)
		return oci_bad_key(v, "swap", e,
				   "memory and swap together (%" PRId64
				   ") are less than the memory limit (%" PRId64 ")",
				   *m->swap, *m->limit);
	return 0;
}

#define S struct oci_memory
static const struct field memory_fields[] = {
	F_OPT_I64_IN(S, limit, "limit", -1, INT64_MAX),
	F_OPT_I64_IN(S, reservation, "reservation", -1, INT64_MAX),
	F_OPT_I64_IN(S, swap, "swap", -1, INT64_MAX),
	F_OPT_I64_IN(S, kernel, "kernel", -1, INT64_MAX),
	F_OPT_I64_IN(S, kernel_tcp, "kernelTCP", -1, INT64_MAX),
	F_OPT_U64_IN(S, swappiness, "swappiness", 0, 100),
	F_BOOL(S, disable_oom_killer, "disableOOMKiller", 0),
	F_BOOL(S, use_hierarchy, "useHierarchy", 0),
	F_OPT_BOOL(S, check_before_update, "checkBeforeUpdate"),
};
static const struct object memory = OBJECT(S, memory_fields, check_memory);
#undef S

/* The kernel's own limits, kernel/sched/core.c: quota and period of at least 1 ms, period of at most 1 s. */
static int check_cpu(const void *p, const struct json *v, struct err *e)
{
	const struct oci_cpu *c = p;

	if (c->quota && *c->quota > 0 && *c->quota < 1000)
		return oci_bad_key(v, "quota", e, "%" PRId64 " is below 1000 microseconds", *c->quota);
	if (c->period && *c->period && (*c->period < 1000 || *c->period > 1000000))
		return oci_bad_key(v, "period", e, "%" PRIu64 " is out of range, expected 1000 to 1000000",
				   *c->period);
	if (c->burst && c->quota && *c->quota > 0 && *c->burst > (uint64_t)*c->quota)
		return oci_bad_key(v, "burst", e, "%" PRIu64 " is above the quota (%" PRId64 ")", *c->burst,
				   *c->quota);
	if (c->cpus && !text_bits(c->cpus, NULL))
		return oci_bad_key(v, "cpus", e, "not a list of CPUs, expected a form like \"0-3,7\"");
	if (c->mems && !text_bits(c->mems, NULL))
		return oci_bad_key(v, "mems", e,
				   "not a list of memory nodes, expected a form like \"0-3,7\"");
	return 0;
}

#define S struct oci_cpu
static const struct field cpu_fields[] = {
	F_OPT_U64(S, shares, "shares"),
	F_OPT_I64_IN(S, quota, "quota", -1, INT64_MAX),
	F_OPT_U64(S, burst, "burst"),
	F_OPT_U64(S, period, "period"),
	F_OPT_I64_IN(S, realtime_runtime, "realtimeRuntime", -1, INT64_MAX),
	F_OPT_U64(S, realtime_period, "realtimePeriod"),
	F_STR(S, cpus, "cpus", 0),
	F_STR(S, mems, "mems", 0),
	F_OPT_I64_IN(S, idle, "idle", 0, 1),
};
static const struct object cpu = OBJECT(S, cpu_fields, check_cpu);
#undef S

/* Not required, as the schema has it: Go engines leave an unset limit out. */
#define S struct oci_pids
static const struct field pids_fields[] = {
	F_OPT_I64_IN(S, limit, "limit", -1, INT64_MAX),
};
static const struct object pids = OBJECT(S, pids_fields, NULL);
#undef S

static int check_weight(const struct json *v, const char *key, const uint16_t *weight, struct err *e)
{
	if (weight && *weight && *weight < 10)
		return oci_bad_key(v, key, e, "%u is out of range, expected 10 to 1000, or 0 for none",
				   *weight);
	return 0;
}

static int check_device_weight(const void *p, const struct json *v, struct err *e)
{
	const struct oci_device_weight *w = p;
	int r = check_weight(v, "weight", w->weight, e);

	if (!w->weight && !w->leaf_weight)
		return oci_bad(v, e, "expected a weight or a leafWeight");
	return r < 0 ? r : check_weight(v, "leafWeight", w->leaf_weight, e);
}

#define F_NUMBER(S, m, key, hi) ROW_(S, m, int64_t, key, K_I64, ONE, REQUIRED, NULL, 0, hi)

#define S struct oci_device_weight
static const struct field device_weight_fields[] = {
	F_NUMBER(S, major, "major", MAJOR_MAX),
	F_NUMBER(S, minor, "minor", MINOR_MAX),
	F_OPT_U16_IN(S, weight, "weight", 0, 1000),
	F_OPT_U16_IN(S, leaf_weight, "leafWeight", 0, 1000),
};
static const struct object device_weight = OBJECT(S, device_weight_fields, check_device_weight);
#undef S

static int check_throttle(const void *p, const struct json *v, struct err *e)
{
	const struct oci_throttle *t = p;

	return t->rate ? 0 : oci_bad_key(v, "rate", e, "missing");
}

#define S struct oci_throttle
static const struct field throttle_fields[] = {
	F_NUMBER(S, major, "major", MAJOR_MAX),
	F_NUMBER(S, minor, "minor", MINOR_MAX),
	F_OPT_U64(S, rate, "rate"),
};
static const struct object throttle = OBJECT(S, throttle_fields, check_throttle);
#undef S

static int check_block_io(const void *p, const struct json *v, struct err *e)
{
	const struct oci_block_io *b = p;
	int r = check_weight(v, "weight", b->weight, e);

	return r < 0 ? r : check_weight(v, "leafWeight", b->leaf_weight, e);
}

#define S struct oci_block_io
static const struct field block_io_fields[] = {
	F_OPT_U16_IN(S, weight, "weight", 0, 1000),
	F_OPT_U16_IN(S, leaf_weight, "leafWeight", 0, 1000),
	F_LIST_BY(S, weight_device, struct oci_device_weight, "weightDevice", BY_DEVICE, &device_weight),
	F_LIST_BY(S, read_bps, struct oci_throttle, "throttleReadBpsDevice", BY_DEVICE, &throttle),
	F_LIST_BY(S, write_bps, struct oci_throttle, "throttleWriteBpsDevice", BY_DEVICE, &throttle),
	F_LIST_BY(S, read_iops, struct oci_throttle, "throttleReadIOPSDevice", BY_DEVICE, &throttle),
	F_LIST_BY(S, write_iops, struct oci_throttle, "throttleWriteIOPSDevice", BY_DEVICE, &throttle),
};
static const struct object block_io = OBJECT(S, block_io_fields, check_block_io);
#undef S

/* The schema's ^[1-9][0-9]*[KMG]B$; the name of hugetlb.<size>.max is made of it. */
static bool is_page_size(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n && n < 16 && s[0] != '0' && s[n] && strchr("KMG", s[n]) && !strcmp(s + n + 1, "B");
}

static int check_hugepage(const void *p, const struct json *v, struct err *e)
{
	const struct oci_hugepage *h = p;
	char shown[JSON_SHOWN];

	if (!is_page_size(h->page_size))
		return oci_bad_key(
			v, "pageSize", e,
			"\"%s\" is not a page size, expected a form like \"64KB\", \"2MB\" or \"1GB\"",
			json_shown(shown, h->page_size));
	return 0;
}

#define S struct oci_hugepage
static const struct field hugepage_fields[] = {
	F_STR(S, page_size, "pageSize", REQUIRED),
	F_U64(S, limit, "limit", REQUIRED),
};
static const struct object hugepage = OBJECT(S, hugepage_fields, check_hugepage);
#undef S

#define S struct oci_net_priority
static const struct field net_priority_fields[] = {
	F_STR(S, name, "name", REQUIRED),
	F_U32(S, priority, "priority", REQUIRED),
};
static const struct object net_priority = OBJECT(S, net_priority_fields, NULL);
#undef S

#define S struct oci_network
static const struct field network_fields[] = {
	F_OPT_U32(S, class_id, "classID"),
	F_LIST(S, priorities, struct oci_net_priority, "priorities", &net_priority),
};
static const struct object network = OBJECT(S, network_fields, NULL);
#undef S

static int check_rdma(const void *p, const struct json *v, struct err *e)
{
	const struct oci_rdma *r = p;

	return r->hca_handles || r->hca_objects ? 0 : oci_bad(v, e, "expected hcaHandles or hcaObjects");
}

#define S struct oci_rdma
static const struct field rdma_fields[] = {
	F_OPT_U32(S, hca_handles, "hcaHandles"),
	F_OPT_U32(S, hca_objects, "hcaObjects"),
};
static const struct object rdma = OBJECT(S, rdma_fields, check_rdma);
#undef S

/* Keys become file names in the cgroup, values what is written there. */
static int check_resources(const void *p, const struct json *v, struct err *e)
{
	const struct oci_resources *r = p;

	for (size_t i = 0; i < r->unified.len; i++) {
		const char *key = r->unified.at[i].key;

		if (!strchr(key, '.') || key[0] == '.' || strchr(key, '/'))
			return oci_bad_entry(
				v, "unified", key, e,
				"not the name of a cgroup file, expected a form like \"memory.high\"");
	}
	return 0;
}

#define S struct oci_resources
static const struct field resources_fields[] = {
	F_LIST(S, devices, struct oci_device_rule, "devices", &device_rule),
	F_OBJ(S, memory, struct oci_memory, "memory", 0, &memory),
	F_OBJ(S, cpu, struct oci_cpu, "cpu", 0, &cpu),
	F_OBJ(S, pids, struct oci_pids, "pids", 0, &pids),
	F_OBJ(S, block_io, struct oci_block_io, "blockIO", 0, &block_io),
	F_LIST_BY(S, hugepages, struct oci_hugepage, "hugepageLimits", BY_NAME, &hugepage),
	F_OBJ(S, network, struct oci_network, "network", 0, &network),
	F_OBJ_MAP(S, rdma, struct oci_rdma, "rdma", &rdma),
	F_MAP(S, unified, "unified"),
};
const struct object oci_resources_object = OBJECT(S, resources_fields, check_resources);
#undef S
