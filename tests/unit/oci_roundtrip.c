/* SPDX-License-Identifier: GPL-2.0-or-later */
/* encode(decode(x)) is a fixed point for every good document of the fuzz corpus, and loses nothing. */
#include <dirent.h>
#include <stdio.h>

#include "oci/features.h"
#include "oci/spec.h"
#include "oci/state.h"
#include "oci_data.h"

static const char *once(struct arena *a, const struct object *o, const char *name, const char *text)
{
	void *out = arena_alloc(a, o->size);
	struct err e = { 0 };

	if (oci_decode_text(a, o, name, text, strlen(text), out, &e) < 0) {
		fail_msg("%s", e.msg);
		return NULL;
	}
	return oci_encode_text(a, o, out, JSON_PRETTY, NULL);
}

static bool is_good(const char *name)
{
	return name[0] != '.' && !strstr(name, "bad");
}

static void every_document(const char *folder, const struct object *o, const char *prefix, int least)
{
	auto_arena a = { 0 };
	DIR *d = opendir(data_path(&a, folder));
	int n = 0;

	assert_non_null(d);
	for (const struct dirent *f = readdir(d); f; f = readdir(d)) {
		const char *name = path_join(&a, folder, f->d_name), *first, *second;

		if (!is_good(f->d_name) || strncmp(f->d_name, prefix, strlen(prefix)))
			continue;
		first = once(&a, o, name, data_read(&a, name, NULL));
		second = once(&a, o, name, first);
		assert_string_equal(first, second);
		n++;
	}
	closedir(d);
	assert_true(n >= least);
}

static void configurations(void **state)
{
	(void)state;
	every_document("tests/fuzz/corpus/fuzz_spec", &oci_spec_object, "", 10);
}

static void processes(void **state)
{
	(void)state;
	every_document("tests/fuzz/corpus/fuzz_process", &oci_process_object, "", 2);
}

static void states_and_features(void **state)
{
	(void)state;
	every_document("tests/fuzz/corpus/fuzz_state", &oci_state_object, "good", 1);
	every_document("tests/fuzz/corpus/fuzz_state", &oci_features_object, "features-", 2);
}

/* full.json is kept as the encoder writes it, so that any value that changes on the way shows. */
static void nothing_is_lost(void **state)
{
	static const char name[] = "tests/fuzz/corpus/fuzz_spec/full.json";
	auto_arena a = { 0 };
	const char *text = data_read(&a, name, NULL);

	(void)state;
	assert_string_equal(once(&a, &oci_spec_object, name, text), text);
}

static void templates(void **state)
{
	(void)state;
	for (int rootless = 0; rootless < 2; rootless++) {
		auto_arena a = { 0 };
		const char *name = rootless ? "tests/fuzz/corpus/fuzz_spec/template-rootless.json"
					    : "tests/fuzz/corpus/fuzz_spec/template.json";
		struct oci_spec s = { 0 }, back = { 0 };
		struct err e = { 0 };
		const char *text;

		oci_template(&a, rootless, 1000, 1000, &s);
		assert_int_equal(oci_check_spec(&s, NULL, &e), 0);
		text = oci_encode_text(&a, &oci_spec_object, &s, JSON_PRETTY, NULL);
		assert_string_equal(text, data_read(&a, name, NULL));
		assert_int_equal(oci_parse_spec(&a, name, text, strlen(text), &back, &e), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(configurations),      cmocka_unit_test(processes),
		cmocka_unit_test(states_and_features), cmocka_unit_test(nothing_is_lost),
		cmocka_unit_test(templates),
	};

	return RUN(tests);
}
