/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "cmd/verbs.h"
#include "instances/change.h"
#include "instances/network.h"
#include "oci/document.h"

/* The options fill the very structs that a document is decoded into. */
struct update {
	const char *resources, *rdt_cache, *rdt_bandwidth;
	struct oci_memory memory;
	struct oci_cpu cpu;
	struct oci_pids pids;
	struct oci_block_io block_io;
	struct oci_kist_bandwidth bandwidth;
	strings publish, unpublish;
};

#define S struct update
static const struct opt rows[] = {
	O_STR(S, resources, 'r', "resources", "FILE", COMPLETE_FILE,
	      "take everything from FILE, or from standard input when it is -: linux.resources as JSON"),
	O_SIZE(S, memory.limit, "memory",
	       "the most memory in bytes, or with a unit: k, m, g, t; -1 is unlimited"),
	O_SIZE(S, memory.reservation, "memory-reservation",
	       "memory that is not taken away while others have more"),
	O_SIZE(S, memory.swap, "memory-swap", "the most of memory and swap together; -1 is unlimited"),
	O_I64(S, cpu.quota, "cpu-quota", "USEC", "microseconds of CPU time in each period; -1 is unlimited"),
	O_U64(S, cpu.period, "cpu-period", "USEC", "the length of a period, 1000 to 1000000 microseconds"),
	O_U64(S, cpu.burst, "cpu-burst", "USEC", "unused CPU time that may be saved for later periods"),
	O_U64(S, cpu.shares, "cpu-share", "N", "weight beside other containers, 2 to 262144; 1024 is usual"),
	O_I64(S, cpu.idle, "cpu-idle", "0|1", "1: run only when nothing else wants the CPU"),
	O_STR(S, cpu.cpus, 0, "cpuset-cpus", "LIST", COMPLETE_NONE,
	      "the CPUs that may be used, such as 0-3,7"),
	O_STR(S, cpu.mems, 0, "cpuset-mems", "LIST", COMPLETE_NONE, "the memory nodes that may be used"),
	O_I64(S, pids.limit, "pids-limit", "N", "the most processes and threads; -1 is unlimited"),
	O_U16(S, block_io.weight, "blkio-weight", "N", "weight for block devices, 10 to 1000"),
	O_STR(S, bandwidth.in, 0, "bandwidth-in", "RATE", COMPLETE_NONE,
	      "the most that each of its networks brings it, such as 100mbit (bit, kbit, mbit or gbit a second); none is unlimited"),
	O_STR(S, bandwidth.out, 0, "bandwidth-out", "RATE", COMPLETE_NONE, "the most that it sends into each of its networks; none is unlimited"),
	O_LIST(S, publish, 0, "publish-add", "[ADDRESS:]HOST[-LAST][:PORT[-LAST]][/PROTOCOL]",
	       "lead a port of the host, or several, to it, as --publish of \"kist run\" does (any number of times)"),
	O_LIST(S, unpublish, 0, "publish-remove", "[ADDRESS:]HOST[-LAST][/PROTOCOL]",
	       "lead them there no more, and forget who was being led; before any that are added"),
	O_I64(S, cpu.realtime_runtime, "cpu-rt-runtime", "USEC", "0 only: cgroup v2 has no such limit"),
	O_U64(S, cpu.realtime_period, "cpu-rt-period", "USEC", "0 only: cgroup v2 has no such limit"),
	O_SIZE(S, memory.kernel, "kernel-memory", "without effect: cgroup v2 counts it as memory"),
	O_SIZE(S, memory.kernel_tcp, "kernel-memory-tcp", "without effect: cgroup v2 counts it as memory"),
	O_STR(S, rdt_cache, 0, "l3-cache-schema", "TEXT", COMPLETE_NONE, "refused: see linux.intelRdt"),
	O_STR(S, rdt_bandwidth, 0, "mem-bw-schema", "TEXT", COMPLETE_NONE, "refused: see linux.intelRdt"),
};
#undef S

static void forget_lines(struct json *v)
{
	v->line = 0;
	for (struct json *c = v->first; c; c = c->next)
		forget_lines(c);
}

/* Groups of which no option was given stay away, so that nobody asks for their controllers. */
static const void *if_given(const void *group, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (((const char *)group)[i])
			return group;
	return NULL;
}

static struct oci_resources given(const struct update *o)
{
	return (struct oci_resources){
		.memory = if_given(&o->memory, sizeof(o->memory)),
		.cpu = if_given(&o->cpu, sizeof(o->cpu)),
		.pids = if_given(&o->pids, sizeof(o->pids)),
		.block_io = if_given(&o->block_io, sizeof(o->block_io)),
	};
}

/* As JSON and back: so they meet the rules that a document meets, and what is kept can be read again. */
static int from_options(struct arena *a, const struct oci_resources *o, struct oci_resources *out,
			struct err *e)
{
	struct json *v;
	size_t len;
	const char *text = oci_encode_text(a, &oci_resources_object, o, JSON_COMPACT, &len);
	int r = oci_tree(a, "update", text, len, &v, e);

	if (r < 0)
		return r;
	forget_lines(v);
	r = oci_decode(a, &oci_resources_object, v, out, e);
	return r < 0 ? err_path(e, r, "update") : 0;
}

static int from_stdin(struct arena *a, struct oci_resources *out, struct err *e)
{
	char *text;
	size_t len;
	int r = fd_read_all(a, STDIN_FILENO, OCI_MAX_BYTES, &text, &len);

	if (r < 0)
		return err_num(e, r, "update: read the resources from standard input");
	return oci_decode_text(a, &oci_resources_object, "stdin", text, len, out, e);
}

static bool any_given(const struct oci_resources *r)
{
	return r->memory || r->cpu || r->pids || r->block_io;
}

static bool any_limit(const struct update *o)
{
	struct oci_resources options = given(o);

	return o->resources || o->rdt_cache || o->rdt_bandwidth || any_given(&options);
}

static int resources(struct arena *a, const struct update *o, struct oci_resources *out, struct err *e)
{
	struct oci_resources options = given(o);
	bool any = any_given(&options);

	if (o->rdt_cache || o->rdt_bandwidth)
		return err_set(
			e, ENOTSUP,
			"update: option --%s: kist does not change linux.intelRdt of a container that exists",
			o->rdt_cache ? "l3-cache-schema" : "mem-bw-schema");
	if (o->resources && any)
		return err_set(
			e, EINVAL,
			"update: --resources takes everything from %s, so no other limit may stand beside it",
			o->resources);
	if (!o->resources && !any)
		return err_set(e, EINVAL, "update: nothing to change; kist update --help names what can be");
	if (!o->resources)
		return from_options(a, &options, out, e);
	return strcmp(o->resources, "-") ? oci_decode_file(a, &oci_resources_object, o->resources, out, e)
					 : from_stdin(a, out, e);
}

static int judge_rate(const char *source, const char *text, struct err *e)
{
	uint64_t bits;

	return text && strcmp(text, CT_UNLIMITED) != 0 ? net_rate_judge(source, text, &bits, e) : 0;
}

static int bandwidth(const struct update *o, const struct oci_kist_bandwidth **out, struct err *e)
{
	int r = judge_rate("option --bandwidth-in", o->bandwidth.in, e);

	if (!r)
		r = judge_rate("option --bandwidth-out", o->bandwidth.out, e);
	*out = if_given(&o->bandwidth, sizeof(o->bandwidth));
	return r;
}

static int ports(struct arena *a, const struct update *o, struct net_edit *out, struct err *e)
{
	inst_ports add, remove;
	int r = inst_ports_parse(a, "publish-add", &o->publish, &add, e);

	if (!r)
		r = inst_ports_parse(a, "publish-remove", &o->unpublish, &remove, e);
	if (r)
		return r;
	out->publish.at = add.at;
	out->publish.len = add.len;
	out->unpublish.at = remove.at;
	out->unpublish.len = remove.len;
	return 0;
}

static int run(struct call *c, struct err *e)
{
	const struct update *o = c->opts;
	struct oci_resources asked = { 0 };
	struct ct_change x = { .resources = NULL };
	int r = bandwidth(o, &x.bandwidth, e);

	if (!r)
		r = ports(c->ctx.arena, o, &x.net, e);
	if (!r && ((!x.bandwidth && net_edit_is_empty(&x.net)) || any_limit(o))) {
		x.resources = &asked;
		r = resources(c->ctx.arena, o, &asked, e);
	}
	return r < 0 ? r : inst_update(&c->ctx, c->data, c->args.at[0], &x, e);
}

const struct verb verb_update = {
	.name = "update",
	.summary = "change the limits and the published ports of a container",
	.detail = "What is given is changed at once and kept with the container; everything else stays as it "
		  "is. The container may be created, running or paused; an instance also stopped, and it has the change "
		  "at every later start.\n\n"
		  "FILE has what stands at linux.resources in config.json, also hugepageLimits, rdma, unified and "
		  "devices, for which there are no options.",
	.operands = { { "ID", COMPLETE_CONTAINER } },
	.examples = {
		{ "kist update --memory 512m --pids-limit 200 dns1", "At most 512 MiB and 200 processes." },
		{ "kist update --cpu-quota 50000 --cpu-period 100000 dns1", "Half of one CPU." },
		{ "kist update --bandwidth-out 20mbit dns1", "It sends at most 20 Mbit/s into each of its networks." },
		{ "kist update --publish-remove 53/udp --publish-add 192.0.2.1:53:53/udp dns1", "Port 53 of one address instead of all." },
		{ "echo '{\"unified\": {\"memory.high\": \"400M\"}}' | kist update -r - dns1",
		  "Any file of a controller." },
	},
	OPTS(struct update, rows),
	.run = run,
};
