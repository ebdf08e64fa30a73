dnl SPDX-License-Identifier: GPL-2.0-or-later
dnl Probes that configure.ac repeats for many flags and libraries.

dnl KIST_CFLAGS(VARIABLE, WHAT, FLAGS): append to VARIABLE each of FLAGS that this compiler takes
dnl without a word. A -Wno-x is asked as -Wx, because gcc says nothing about an unknown -Wno-x.
AC_DEFUN([KIST_CFLAGS], [
AC_MSG_CHECKING([for $2])
kist_saved=$CFLAGS kist_count=0 kist_refused=
for kist_flag in $3; do
	kist_ask=`AS_ECHO(["$kist_flag"]) | sed 's/^-Wno-/-W/'`
	CFLAGS="$kist_saved -Werror $kist_ask"
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <string.h>]], [[]])],
		[AS_VAR_APPEND([$1], [" $kist_flag"])
		 kist_count=`expr $kist_count + 1`],
		[AS_VAR_APPEND([kist_refused], [" $kist_flag"])])
done
CFLAGS=$kist_saved
AC_MSG_RESULT([$kist_count taken${kist_refused:+, not$kist_refused}])
AC_SUBST([$1])
])

dnl KIST_LDFLAGS(VARIABLE, WHAT, FLAGS): the same for flags of the linker; each is tried by linking.
AC_DEFUN([KIST_LDFLAGS], [
AC_MSG_CHECKING([for $2])
kist_saved=$LDFLAGS kist_cflags=$CFLAGS kist_count=0 kist_refused=
CFLAGS="$CFLAGS $HARDEN_CFLAGS"
for kist_flag in $3; do
	LDFLAGS="$kist_saved -Werror $kist_flag"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[]])],
		[AS_VAR_APPEND([$1], [" $kist_flag"])
		 kist_count=`expr $kist_count + 1`],
		[AS_VAR_APPEND([kist_refused], [" $kist_flag"])])
done
LDFLAGS=$kist_saved CFLAGS=$kist_cflags
AC_MSG_RESULT([$kist_count taken${kist_refused:+, not$kist_refused}])
AC_SUBST([$1])
])

dnl KIST_LIB(PREFIX, MODULE, ARCHIVE, HEADER, CALL): a required library, from its static archive
dnl where there is one: each shared library costs every start of kist about 0.03 ms.
AC_DEFUN([KIST_LIB], [
PKG_CHECK_MODULES([$1], [$2])
AS_IF([test "$enable_static_deps" != no], [
	AC_MSG_CHECKING([for $3])
	kist_dir=`$PKG_CONFIG --variable=libdir $2`
	kist_saved="$LIBS" kist_cflags=$CFLAGS kist_ldflags=$LDFLAGS
	LIBS="${kist_dir:+-L$kist_dir} -l:$3 $LIBS"
	CFLAGS="$CFLAGS $HARDEN_CFLAGS $$1_CFLAGS" LDFLAGS="$LDFLAGS $HARDEN_LDFLAGS"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <stddef.h>
#include <$4>]], [[$5;]])],
		[$1_LIBS="-l:$3"
		 case $kist_dir in
		 ''|/usr/lib|/usr/lib/*) ;;
		 *) $1_LIBS="-L$kist_dir $$1_LIBS" ;;
		 esac
		 AC_MSG_RESULT([yes])],
		[AC_MSG_RESULT([no, shared])])
	LIBS=$kist_saved CFLAGS=$kist_cflags LDFLAGS=$kist_ldflags
])
])
