/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/create.h"

static const struct opt rows[] = {
	O_FLAG(struct create_opts, oci.detach, 'd', "detach", "return as soon as the program runs"),
	O_FLAG(struct create_opts, oci.keep, 0, "keep",
	       "with --bundle: keep the stopped container until \"kist delete\""),
	INSTANCE_ROWS,
	CREATE_ROWS,
};

static int run_instance(struct call *c, struct create_opts *o, const struct inst_request *q, struct err *e)
{
	int r = inst_run(&c->ctx, c->data, q, &o->oci, &c->code, e);

	if (r < 0)
		c->failed = create_failed(r, e);
	return r;
}

static int run(struct call *c, struct err *e)
{
	struct create_opts *o = c->opts;
	struct inst_request q;
	int r = create_begin(c, o, &q, e);

	if (r)
		return r;
	return q.options ? run_instance(c, o, &q, e) : ct_run(&c->ctx, &o->oci, &c->code, e);
}

const struct verb verb_run = {
	.name = "run",
	.summary = "run an image, a directory or a bundle",
	.detail = "IMAGE is a name, or the beginning of a digest, that \"kist image list\" shows. COMMAND takes the place of "
		  "the image's own. The instance has a root of its own over the image's layers, a user namespace of its "
		  "own in which root is nobody outside, few capabilities, a seccomp filter, and an "
		  "address in the network kist0 unless --network says otherwise. A published port "
		  "is reached at every address of the host, from outside, from the host and from other instances, and at "
		  "127.0.0.1 from the host alone, but not at ::1 and the rest of 127.0.0.0/8. Published at 0.0.0.0 it is reached so by IPv4 "
		  "alone, at [::] by IPv6 alone; one of a single address comes before one of all with the same number. A port at which a "
		  "program of the host listens is refused. By an interface that was plugged in after the network's first instance had "
		  "started it is reached after \"kist network repair\".\n\n"
		  "A limit of bandwidth is that of each of its networks, which must be bridges. It counts what IP packets of full size "
		  "carry; the headers of IP and Ethernet come on top, so that what a program measures is within 5 %. What is over it waits up to "
		  "50 ms, or as long as 20 packets take, and is then dropped. \"kist update\" changes it, \"kist stats\" shows it.\n\n"
		  "In the foreground kist passes signals and the terminal on and ends with the exit code of the program, "
		  "or 128 and the number of the signal that ended it; with 125 when kist itself failed, 126 when the program "
		  "cannot be executed, 127 when there is none. What a detached instance says goes to the "
		  "file \"log\" in its directory, of which the last 64 MiB are kept, or --log-max of it; \"kist logs\" shows them. An "
		  "instance stays when it has ended, with all it has written, until \"kist delete\" removes it or \"kist "
		  "start\" runs it again. What the image calls a volume is a directory of the instance like any other; with "
		  "--read-only it is one that can be written to.\n\n"
		  "With --rootfs / and --overlay the host's own tree is the root: what is installed here runs isolated, and "
		  "writes to a directory of its own. Files that prove an identity or belong to persons or other services are "
		  "covered: /etc/shadow, private keys, /root, /home, databases and mail; what the service needs of them "
		  "is given back by --volume.\n\n"
		  "With --bundle DIR, or --config FILE, the operand is the ID of a container that config.json describes, as "
		  "other OCI runtimes have it; it is deleted at its end.",
	.operands = CREATE_OPERANDS,
	.examples = {
		{ "kist run --name dns1 -d -v dns-data:/var/lib/misc dns:1", "An instance of the image dns:1 in the background." },
		{ "kist run -d -p 53:53/udp -p 0.0.0.0:8080:80 dns:1", "Port 53 by both families, port 8080 by IPv4 alone." },
		{ "kist run --rm -it debian bash", "A shell in a fresh root that is gone afterwards." },
		{ "kist run --rm --rootfs / --overlay --network host dnsmasq -k", "A server of this host, isolated from it." },
		{ "kist run --detach --bundle /srv/dns dns1", "An OCI bundle." },
	},
	OPTS(struct create_opts, rows),
	.run = run,
	.failed = CREATE_FAILED,
};
