/*
 * json_plain.h: what stands for itself in a JSON string. Private to the reader and the writer, who
 * both spend most of their time on it.
 */
#ifndef CFKV_BASE_JSON_PLAIN_H
#define CFKV_BASE_JSON_PLAIN_H

#include <endian.h>
#include <stdint.h>

#include "bytes.h"

/* Printable ASCII that needs no escape. */
static inline bool json_is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* How many plain bytes there are from `i` on. Eight at a time: subtracting from each byte borrows
 * its high bit where it is too small, so the lowest bit that is set is that of a byte to stop at.
 */
static inline size_t json_plain_run(struct bytes s, size_t i)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    size_t start = i;
    for (uint64_t lane; s.len - i >= sizeof lane; i += sizeof lane) {
        memcpy(&lane, s.data + i, sizeof lane);
        lane = le64toh(lane);
        uint64_t stops = (lane | (lane - ones * 0x20) | ((lane ^ ones * '"') - ones) |
                          ((lane ^ ones * '\\') - ones)) &
                         highs;
        if (stops)
            return i - start + (size_t)__builtin_ctzll(stops) / 8;
    }
    while (i < s.len && json_is_plain((unsigned char)s.data[i]))
        i++;
    return i - start;
}

#endif
