/*
 * Exact products of int8 codes and ternary signs for the backend "bit":
 *
 *   sum(m, n) = sum over k of code(m, k) * sign(k, n),   codes -127 to 127, signs -1, 0, +1
 *
 * Signs are stored as weights w = sign + 1 = 0, 1, 2 of two bits; sum = (sum of code * w) - (sum of code).
 * Unsigned weights times signed codes is what the byte products of x86 take, and with weights of at most 2 the
 * one that saturates (AVX2) is exact.
 *
 * Layout of the weights: columns in panels of 64; a panel is K/4 groups (K filled up) of 64 bytes. Byte 4 l + i
 * of a group holds w of its input i for the columns l, 16 + l, 32 + l, 48 + l, in bits 0-1, 2-3, 4-5, 6-7.
 * Columns that are filled up hold 1, so that their sums are 0.
 */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#if defined(__linux__)
#include <sys/auxv.h>
#endif
#endif

#define INLINE static inline __attribute__((always_inline))
#define PANEL 64
#define GROUP 64 /* bytes of four inputs of a panel */
#define ROWS 6   /* of a tile, at most */

enum { PLAIN = 0, AVX2 = 1, AVX512_VNNI = 2, NEON = 3, NEON_DOT = 4 };

/* sums(r, n) = sum of code * w for the rows of a tile and the columns of a panel. */
typedef void tile_kernel(int rows, int groups, const uint8_t *w, const int8_t *codes, int32_t *sums);

static void tile_plain(int rows, int groups, const uint8_t *w, const int8_t *codes, int32_t *sums) {
  memset(sums, 0, sizeof(int32_t) * PANEL * (size_t)rows);
  for (int g = 0; g < groups; g++) {
    int8_t unpacked[4][PANEL];
    for (int n = 0; n < PANEL; n++) {
      for (int i = 0; i < 4; i++) {
        unpacked[i][n] = (int8_t)(w[(size_t)GROUP * g + 4 * (n % 16) + i] >> (2 * (n / 16)) & 3);
      }
    }
    for (int r = 0; r < rows; r++) {
      const int8_t *c = codes + ((size_t)r * groups + g) * 4;
      for (int n = 0; n < PANEL; n++) {
        sums[r * PANEL + n] +=
            c[0] * unpacked[0][n] + c[1] * unpacked[1][n] + c[2] * unpacked[2][n] + c[3] * unpacked[3][n];
      }
    }
  }
}

/*
 * All rows and columns: codes = round(x * factor of the row), 0 where that is NaN; then panel by panel and
 * tile by tile. With scales y = fma(sum, scale of the row, bias of the column), rounded once, otherwise y = sum.
 */
INLINE void layer(tile_kernel *tile, int rows, int inputs, int outputs, const uint8_t *weights,
                  const float *x, const float *factors, int8_t *bytes, const float *scales, const float *bias, float *y) {
  int groups = (inputs + 3) / 4;
  int32_t code_sums[64];
  for (int first = 0; first < rows; first += 64) {
    int block = rows - first < 64 ? rows - first : 64;
    for (int r = 0; r < block; r++) {
      const float *from = x + (size_t)(first + r) * inputs;
      float factor = factors[first + r];
      int8_t *to = bytes + (size_t)r * groups * 4;
      int32_t sum = 0;
      memset(to, 0, (size_t)groups * 4);
      if (factor == factor) {
        for (int k = 0; k < inputs; k++) {
          int32_t code = (int32_t)rintf(from[k] * factor); /* half to even */
          to[k] = (int8_t)code;
          sum += code;
        }
      }
      code_sums[r] = sum;
    }
    int tiles = (block + ROWS - 1) / ROWS; /* of about the same size */
    for (int from = 0; from < outputs; from += PANEL) {
      const uint8_t *w = weights + (size_t)from / PANEL * groups * GROUP;
      int columns = outputs - from < PANEL ? outputs - from : PANEL;
      for (int t = 0, row = 0; t < tiles; t++) {
        int32_t sums[ROWS * PANEL];
        int end = (int)((int64_t)block * (t + 1) / tiles);
        tile(end - row, groups, w, bytes + (size_t)row * groups * 4, sums);
        for (const int32_t *s = sums; row < end; row++, s += PANEL) {
          float *to = y + (size_t)(first + row) * outputs + from;
          int32_t less = code_sums[row];
          if (scales == NULL) {
            for (int n = 0; n < columns; n++) {
              to[n] = (float)(s[n] - less);
            }
          } else {
            float scale = scales[first + row];
            for (int n = 0; n < columns; n++) {
              to[n] = fmaf((float)(s[n] - less), scale, bias[from + n]);
            }
          }
        }
      }
    }
  }
}

#define LAYER(name, target)                                                                              \
  target static void layer_##name(int rows, int inputs, int outputs, const uint8_t *weights,             \
                                  const float *x, const float *factors, int8_t *bytes, const float *scales,                \
                                  const float *bias, float *y) {                                         \
    layer(tile_##name, rows, inputs, outputs, weights, x, factors, bytes, scales, bias, y);                   \
  }

LAYER(plain, )

#if defined(__x86_64__)

#define ON_AVX2 __attribute__((target("avx2,fma")))
#define ON_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")))

/* Pairs of products in int16, exact for 64 groups (64 * 2 * 2 * 127 < 2^15), then added as int32. */
ON_AVX2 INLINE void rows_avx2(const int rows, int groups, const uint8_t *w, const int8_t *codes, int32_t *sums) {
  const __m256i mask = _mm256_set1_epi8(3);
  for (int half = 0; half < 2; half++) {
    __m256i total[2][4];
    for (int r = 0; r < rows; r++) {
      for (int f = 0; f < 4; f++) {
        total[r][f] = _mm256_setzero_si256();
      }
    }
    for (int first = 0; first < groups; first += 64) {
      int end = groups - first < 64 ? groups : first + 64;
      __m256i a[2][4];
      for (int r = 0; r < rows; r++) {
        for (int f = 0; f < 4; f++) {
          a[r][f] = _mm256_setzero_si256();
        }
      }
      for (int g = first; g < end; g++) {
        __m256i x = _mm256_loadu_si256((const __m256i *)(w + (size_t)GROUP * g + 32 * half));
        __m256i w0 = _mm256_and_si256(x, mask);
        __m256i w1 = _mm256_and_si256(_mm256_srli_epi16(x, 2), mask);
        __m256i w2 = _mm256_and_si256(_mm256_srli_epi16(x, 4), mask);
        __m256i w3 = _mm256_and_si256(_mm256_srli_epi16(x, 6), mask);
        for (int r = 0; r < rows; r++) {
          int32_t four;
          memcpy(&four, codes + ((size_t)r * groups + g) * 4, 4);
          __m256i c = _mm256_set1_epi32(four);
          a[r][0] = _mm256_add_epi16(a[r][0], _mm256_maddubs_epi16(w0, c));
          a[r][1] = _mm256_add_epi16(a[r][1], _mm256_maddubs_epi16(w1, c));
          a[r][2] = _mm256_add_epi16(a[r][2], _mm256_maddubs_epi16(w2, c));
          a[r][3] = _mm256_add_epi16(a[r][3], _mm256_maddubs_epi16(w3, c));
        }
      }
      for (int r = 0; r < rows; r++) {
        for (int f = 0; f < 4; f++) {
          total[r][f] = _mm256_add_epi32(total[r][f], _mm256_madd_epi16(a[r][f], _mm256_set1_epi16(1)));
        }
      }
    }
    for (int r = 0; r < rows; r++) {
      for (int f = 0; f < 4; f++) {
        _mm256_storeu_si256((__m256i *)(sums + r * PANEL + 16 * f + 8 * half), total[r][f]);
      }
    }
  }
}

ON_AVX2 static void tile_avx2(int rows, int groups, const uint8_t *w, const int8_t *codes, int32_t *sums) {
  int r = 0;
  for (; r + 2 <= rows; r += 2) {
    rows_avx2(2, groups, w, codes + (size_t)r * groups * 4, sums + r * PANEL);
  }
  if (r < rows) {
    rows_avx2(1, groups, w, codes + (size_t)r * groups * 4, sums + r * PANEL);
  }
}

/* GCC copies the accumulators around its intrinsic (-40 % speed). */
#define DOT(sum, w, c) __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(w), "v"(c))

/* The two bits stay where they are: sums are 1, 4, 16, 64 times too large, which fits in int32 up to
   K = 2^24 / 127: 64 * 2 * 127 * K < 2^31. */
ON_AVX512 INLINE void rows_avx512(const int rows, int groups, const uint8_t *w, const int8_t *codes,
                                  int32_t *sums) {
  const __m512i mask = _mm512_set1_epi8(3);
  const __m512i mask1 = _mm512_slli_epi16(mask, 2);
  const __m512i mask2 = _mm512_slli_epi16(mask, 4);
  const __m512i mask3 = _mm512_slli_epi16(mask, 6);
  __m512i a[ROWS][4];
#pragma GCC unroll 6
  for (int r = 0; r < rows; r++) {
    for (int f = 0; f < 4; f++) {
      a[r][f] = _mm512_setzero_si512();
    }
  }
  for (int g = 0; g < groups; g++) {
    __m512i x = _mm512_loadu_si512(w + (size_t)GROUP * g);
    __m512i w0 = _mm512_and_si512(x, mask);
    __m512i w1 = _mm512_and_si512(x, mask1);
    __m512i w2 = _mm512_and_si512(x, mask2);
    __m512i w3 = _mm512_and_si512(x, mask3);
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) {
      int32_t four;
      memcpy(&four, codes + ((size_t)r * groups + g) * 4, 4);
      __m512i c = _mm512_set1_epi32(four);
      DOT(a[r][0], w0, c);
      DOT(a[r][1], w1, c);
      DOT(a[r][2], w2, c);
      DOT(a[r][3], w3, c);
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < rows; r++) {
    for (int f = 0; f < 4; f++) {
      _mm512_storeu_si512(sums + r * PANEL + 16 * f, _mm512_srai_epi32(a[r][f], 2 * f));
    }
  }
}

ON_AVX512 static void tile_avx512(int rows, int groups, const uint8_t *w, const int8_t *codes, int32_t *sums) {
  switch (rows) {
    case 1: rows_avx512(1, groups, w, codes, sums); break;
    case 2: rows_avx512(2, groups, w, codes, sums); break;
    case 3: rows_avx512(3, groups, w, codes, sums); break;
    case 4: rows_avx512(4, groups, w, codes, sums); break;
    case 5: rows_avx512(5, groups, w, codes, sums); break;
    default: rows_avx512(6, groups, w, codes, sums); break;
  }
}

LAYER(avx2, ON_AVX2)
LAYER(avx512, ON_AVX512)

#elif defined(__aarch64__)

#if defined(__ARM_FEATURE_DOTPROD)
#define ON_DOT
#else
#define ON_DOT __attribute__((target("arch=armv8.2-a+dotprod")))
#endif

/* Products of one byte position in int16, exact for 128 groups (128 * 2 * 127 < 2^15). */
static void tile_neon(int rows, int groups, const uint8_t *w, const int8_t *codes, int32_t *sums) {
  const uint8x16_t mask = vdupq_n_u8(3);
  for (int r = 0; r < rows; r++) {
    for (int quarter = 0; quarter < 4; quarter++) {
      int32x4_t total[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
      for (int first = 0; first < groups; first += 128) {
        int end = groups - first < 128 ? groups : first + 128;
        int16x8_t low[4], high[4];
        for (int f = 0; f < 4; f++) {
          low[f] = high[f] = vdupq_n_s16(0);
        }
        for (int g = first; g < end; g++) {
          int32_t four;
          memcpy(&four, codes + ((size_t)r * groups + g) * 4, 4);
          int8x16_t c = vreinterpretq_s8_s32(vdupq_n_s32(four));
          uint8x16_t x = vld1q_u8(w + (size_t)GROUP * g + 16 * quarter);
          int8x16_t u[4] = {vreinterpretq_s8_u8(vandq_u8(x, mask)),
                            vreinterpretq_s8_u8(vandq_u8(vshrq_n_u8(x, 2), mask)),
                            vreinterpretq_s8_u8(vandq_u8(vshrq_n_u8(x, 4), mask)),
                            vreinterpretq_s8_u8(vshrq_n_u8(x, 6))};
          for (int f = 0; f < 4; f++) {
            low[f] = vmlal_s8(low[f], vget_low_s8(u[f]), vget_low_s8(c));
            high[f] = vmlal_high_s8(high[f], u[f], c);
          }
        }
        for (int f = 0; f < 4; f++) {
          total[f] = vaddq_s32(total[f], vpaddq_s32(vpaddlq_s16(low[f]), vpaddlq_s16(high[f])));
        }
      }
      for (int f = 0; f < 4; f++) {
        vst1q_s32(sums + r * PANEL + 16 * f + 4 * quarter, total[f]);
      }
    }
  }
}

ON_DOT INLINE void rows_neon_dot(const int rows, int groups, const uint8_t *w, const int8_t *codes,
                                 int32_t *sums) {
  const uint8x16_t mask = vdupq_n_u8(3);
  for (int quarter = 0; quarter < 4; quarter++) {
    int32x4_t a[3][4];
    for (int r = 0; r < rows; r++) {
      for (int f = 0; f < 4; f++) {
        a[r][f] = vdupq_n_s32(0);
      }
    }
    for (int g = 0; g < groups; g++) {
      uint8x16_t x = vld1q_u8(w + (size_t)GROUP * g + 16 * quarter);
      int8x16_t w0 = vreinterpretq_s8_u8(vandq_u8(x, mask));
      int8x16_t w1 = vreinterpretq_s8_u8(vandq_u8(vshrq_n_u8(x, 2), mask));
      int8x16_t w2 = vreinterpretq_s8_u8(vandq_u8(vshrq_n_u8(x, 4), mask));
      int8x16_t w3 = vreinterpretq_s8_u8(vshrq_n_u8(x, 6));
      for (int r = 0; r < rows; r++) {
        int32_t four;
        memcpy(&four, codes + ((size_t)r * groups + g) * 4, 4);
        int8x16_t c = vreinterpretq_s8_s32(vdupq_n_s32(four));
        a[r][0] = vdotq_s32(a[r][0], w0, c);
        a[r][1] = vdotq_s32(a[r][1], w1, c);
        a[r][2] = vdotq_s32(a[r][2], w2, c);
        a[r][3] = vdotq_s32(a[r][3], w3, c);
      }
    }
    for (int r = 0; r < rows; r++) {
      for (int f = 0; f < 4; f++) {
        vst1q_s32(sums + r * PANEL + 16 * f + 4 * quarter, a[r][f]);
      }
    }
  }
}

ON_DOT static void tile_neon_dot(int rows, int groups, const uint8_t *w, const int8_t *codes, int32_t *sums) {
  int r = 0;
  for (; r + 3 <= rows; r += 3) {
    rows_neon_dot(3, groups, w, codes + (size_t)r * groups * 4, sums + r * PANEL);
  }
  for (; r < rows; r++) {
    rows_neon_dot(1, groups, w, codes + (size_t)r * groups * 4, sums + r * PANEL);
  }
}

LAYER(neon, )
LAYER(neon_dot, ON_DOT)

static int has_dot(void) {
#if defined(__APPLE__)
  return 1;
#elif defined(__linux__)
  return (getauxval(AT_HWCAP) >> 20 & 1) != 0; /* HWCAP_ASIMDDP */
#else
  return 0;
#endif
}

#endif

/* Whether this machine can compute in this way. */
int32_t bitbeam_supports(int32_t way) {
  switch (way) {
    case PLAIN:
      return 1;
#if defined(__x86_64__)
    case AVX2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case AVX512_VNNI:
      return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
             __builtin_cpu_supports("fma");
#elif defined(__aarch64__)
    case NEON:
      return 1;
    case NEON_DOT:
      return has_dot();
#endif
    default:
      return 0;
  }
}

/*
 * A layer, see layer().
 *
 * x: rows of `inputs` floats; factors: one per row; bytes: space for min(rows, 64) rows of the filled-up
 * inputs; scales: one per row, or NULL; bias and the rows of y: `outputs` floats.
 */
void bitbeam_layer(int32_t way, int32_t rows, int32_t inputs, int32_t outputs, const uint8_t *weights,
                   const float *x, const float *factors, int8_t *bytes, const float *scales, const float *bias, float *y) {
  switch (way) {
#if defined(__x86_64__)
    case AVX2:
      layer_avx2(rows, inputs, outputs, weights, x, factors, bytes, scales, bias, y);
      break;
    case AVX512_VNNI:
      layer_avx512(rows, inputs, outputs, weights, x, factors, bytes, scales, bias, y);
      break;
#elif defined(__aarch64__)
    case NEON:
      layer_neon(rows, inputs, outputs, weights, x, factors, bytes, scales, bias, y);
      break;
    case NEON_DOT:
      layer_neon_dot(rows, inputs, outputs, weights, x, factors, bytes, scales, bias, y);
      break;
#endif
    default:
      layer_plain(rows, inputs, outputs, weights, x, factors, bytes, scales, bias, y);
      break;
  }
}
