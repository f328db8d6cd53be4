// Compiled in front of each file of llama.cpp. Older GCCs (12 among them) say of _tile_loadconfig that it reads 8 bytes
// of its 64, leave out the stores of the others, and the processor faults on what stands there instead.
#pragma once
#if defined(__AMX_TILE__) && defined(__GNUC__) && !defined(__clang__)
#include <immintrin.h>
#undef _tile_loadconfig
#define _tile_loadconfig(config) __asm__ volatile("ldtilecfg\t%X0" ::"m"(*(const char(*)[64])(config)))
#endif
