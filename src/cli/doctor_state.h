/*
 * doctor_state.h: the looks at a state on a service. Private to doctor_*.c.
 */
#ifndef CFKV_CLI_DOCTOR_STATE_H
#define CFKV_CLI_DOCTOR_STATE_H

#include "doctor.h"
#include "state_place.h"

/* Adds the checks of the state at that address, and opens it as the target's; false: it cannot be
 * read, which is told. */
bool doctor_remote_state(struct doctor *d, const struct state_place *place);

/* Adds what the target's state records (doctor_project.c). */
void doctor_add_state(struct doctor *d);

#endif
