/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The fast pass: which one this machine can run, and what all of them look at byte by byte. */

#include "sio-json-blocks-private.h"
#include "sio-json-private.h"

const SioJsonBlocks *
sio_json_blocks_get (void)
{
  static SioJsonBlocks all[3];
  static gsize ready;

  if (g_once_init_enter (&ready))
    {
#ifdef __x86_64__
      guint n = 0;

      __builtin_cpu_init ();
      if (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("pclmul")
          && __builtin_cpu_supports ("bmi") && __builtin_cpu_supports ("bmi2"))
        all[n++] = (SioJsonBlocks) { "avx2", sio_json_blocks_scan_avx2 };
      all[n++] = (SioJsonBlocks) { "sse2", sio_json_blocks_scan_sse2 };
#endif
      g_once_init_leave (&ready, 1);
    }
  return all;
}

const char *
sio_json_blocks_scan (const char *p, const char *end, guint max_depth)
{
  SioJsonBlocksScan scan = sio_json_blocks_get ()->scan;

  return scan != NULL ? scan (p, end, max_depth) : NULL;
}

gboolean
sio_json_blocks_check_escape (const char *p, const char *end)
{
  switch (p < end ? *p : '\0')
    {
    case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
      return TRUE;

    case 'u':
      return end - p > 4 && g_ascii_isxdigit (p[1]) && g_ascii_isxdigit (p[2])
             && g_ascii_isxdigit (p[3]) && g_ascii_isxdigit (p[4]);

    default:
      return FALSE;
    }
}

/* Inside of brackets something always follows. */
static inline gboolean
ends_here (const char *p, const char *end)
{
  return p < end && (*p == ',' || *p == ']' || *p == '}' || sio_json_is_blank (*p));
}

gboolean
sio_json_blocks_check_number (const char *p, const char *end)
{
  SioJsonFault fault;

  p = sio_json_scan_bytes (p, end, 0, &fault);
  return p != NULL && ends_here (p, end);
}

const char *
sio_json_blocks_find_number (const char *start, const char *p)
{
  while (p > start && (g_ascii_isalnum (p[-1]) || p[-1] == '+' || p[-1] == '-' || p[-1] == '.'))
    p--;
  return p;
}
