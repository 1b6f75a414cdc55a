/*
 * interrupt.h: what Ctrl-C (SIGINT), SIGTERM and SIGHUP (the terminal closed) do.
 *
 * Normally the process ends at once, with EXIT_INTERRUPTED: nothing it does before it writes needs
 * an orderly end. While `graceful` is set the first signal only sets `pending`: what is in flight
 * is finished and recorded, and a second SIGINT or SIGTERM ends the process. The handler is
 * main.c's.
 */
#ifndef CFKV_CLI_INTERRUPT_H
#define CFKV_CLI_INTERRUPT_H

struct interrupt {
    volatile int pending;
    volatile int graceful;
};

#endif
