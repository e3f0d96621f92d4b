/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* siocat print: a recording, as connect would have printed it. */

#include "siocat-options.h"
#include "siocat-output.h"
#include "siocat-words.h"

#define OUTPUT_CHUNK (64 * 1024)

static gboolean
unsupported_cb (const char  *option,
                const char  *value,
                gpointer     data,
                GError     **error)
{
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
               "%s is not supported by this version of siocat", option);

  return FALSE;
}

static gboolean
check_format (const char  *format,
              GError     **error)
{
  static const char * const later[] = { "csv", "har", "text", NULL };

  if (format == NULL || g_str_equal (format, "ndjson"))
    return TRUE;

  if (g_strv_contains (later, format))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                 "--format %s is not supported by this version of siocat", format);
  else
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "--format: \"%s\" is none of ndjson, csv, har and text", format);

  return FALSE;
}

static SiocatStatus
print_all (SioscopeRecording  *recording,
           SioscopePrintDepth  depth)
{
  g_autoptr(SioscopePrinter) printer = sioscope_printer_new (recording, depth);
  g_autoptr(GString) out = g_string_new (NULL);
  gboolean more = TRUE;

  sioscope_printer_set_words (printer, siocat_words_name_options);
  while (more && !siocat_output_is_broken ())
    {
      more = sioscope_printer_next (printer, out);
      if (more && out->len < OUTPUT_CHUNK)
        continue;

      siocat_output_write (out->str, out->len);
      g_string_truncate (out, 0);
    }

  return siocat_output_finish (SIOCAT_DONE);
}

SiocatStatus
siocat_print (int    argc,
              char **argv)
{
  g_autofree char *format = NULL;
  g_autofree char *show = NULL;
  g_auto(GStrv) rest = NULL;
  const GOptionEntry entries[] = {
    { "format", 0, 0, G_OPTION_ARG_FILENAME, &format, "ndjson", "FORMAT" },
    { "show", 0, 0, G_OPTION_ARG_FILENAME, &show, "events, packets or frames (events)", "DEPTH" },
    { "filter", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_CALLBACK, unsupported_cb, NULL, NULL },
    { "redact", 0, G_OPTION_FLAG_HIDDEN | G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, unsupported_cb, NULL, NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = g_option_context_new ("FILE");
  g_autoptr(SioscopeRecording) recording = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *notice = NULL;
  SioscopePrintDepth depth;
  SiocatStatus status;

  g_option_context_set_summary (context, "Prints a recording.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!siocat_options_parse (context, argc, argv, &status))
    return status;

  if (!check_format (format, &error) || !siocat_parse_depth (show, &depth, &error))
    {
      siocat_complain ("%s", error->message);
      return SIOCAT_USAGE;
    }
  if (rest == NULL || g_strv_length (rest) != 1)
    {
      siocat_complain ("FILE: expected one recording");
      return SIOCAT_USAGE;
    }

  recording = sioscope_recording_open (rest[0], &error);
  if (recording == NULL)
    {
      siocat_complain ("%s: %s", rest[0], error->message);
      return SIOCAT_FILE;
    }

  /* A torn last row is no error: that is how a recording looks whose program was killed. */
  notice = sioscope_recording_dup_notice (recording);
  if (notice != NULL)
    siocat_complain ("%s: %s", rest[0], notice);

  return print_all (recording, depth);
}
