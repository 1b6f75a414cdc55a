/*
 * person.h: namespaces that are called after who runs cfkv.
 *
 * `env = "dev-" .. cfkv.getenv "USER"` declares alice's namespace where alice runs cfkv, and takes
 * bob's for one that is declared no more: with one state for both, each plan deletes the other's.
 */
#ifndef CFKV_MODEL_PERSON_H
#define CFKV_MODEL_PERSON_H

#include "model.h"

/* Adds a warning, "input.person", for each environment variable that names a person or a machine
 * and is part of a title; not where the namespace would be kept when its declaration goes. What a
 * plan then deletes is its own warning (plan/guard.c). */
void person_warn(struct model *m);

#endif
