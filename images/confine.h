/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMAGES_CONFINE_H
#define IMAGES_CONFINE_H
#include "base/err.h"
/*
 * From now on this thread and those it starts make, change and remove files only below the directory: should a
 * stranger's archive ever get the better of the code that unpacks it, the host's files are out of its reach.  Reading
 * and files that are open already are not affected.  1 when the kernel cannot (Linux before 5.19, or built without
 * Landlock): the unpacking does not rely on it.
 */
int img_confine(int dir, struct err *e);
#endif
