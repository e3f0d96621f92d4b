/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* siocat print: a recording, as connect would have printed it, or as another format. This file understands what is asked for. */

#include <sys/stat.h>
#include <unistd.h>

#include "siocat-options.h"
#include "siocat-output.h"
#include "siocat-print.h"
#include "siocat-words.h"

/* A long filter is not told whole: its mistake is. */
#define FILTER_SHOWN_MAX 2000

static gboolean
parse_format (const char      *text,
              SioscopeFormat  *format,
              GError         **error)
{
  *format = SIOSCOPE_FORMAT_NDJSON;
  if (text == NULL || sioscope_format_from_word (text, format))
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "--format: \"%s\" is none of ndjson, csv, har, text and sioscope", text);
  return FALSE;
}

/* lines: stays NULL for every row, losslessly. */
static gboolean
parse_show (const char             *show,
            SioscopeExportOptions  *options,
            SioscopeExportLines    *lines,
            GError                **error)
{
  if (show != NULL && options->format != SIOSCOPE_FORMAT_NDJSON)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "--show: only for --format ndjson; other formats have every row");
      return FALSE;
    }
  if (options->format != SIOSCOPE_FORMAT_NDJSON || (show != NULL && g_str_equal (show, "rows")))
    return TRUE;
  if (!siocat_parse_depth (show, &lines->depth, NULL))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "--show: \"%s\" is none of events, packets, frames and rows", show);
      return FALSE;
    }
  lines->words = siocat_words_name_options;
  options->lines = lines;
  return TRUE;
}

static gboolean
check_output (const char      *output,
              const char      *file,
              SioscopeFormat   format,
              GError         **error)
{
  struct stat source, destination;

  if (output == NULL)
    {
      if (format != SIOSCOPE_FORMAT_RECORDING)
        return TRUE;
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "--format sioscope: a recording is a file; name it with --output");
      return FALSE;
    }
  if (stat (file, &source) != 0 || stat (output, &destination) != 0
      || source.st_dev != destination.st_dev || source.st_ino != destination.st_ino)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "--output: that is the file that is printed");
  return FALSE;
}

static guint
get_columns (const char *text)
{
  guint n = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    n += g_unichar_iszerowidth (g_utf8_get_char (p)) ? 0 : g_unichar_iswide (g_utf8_get_char (p)) ? 2 : 1;
  return n;
}

/* The line, and under the mistake a caret. */
static void
complain_of_filter (const char    *filter,
                    SioscopePlace  mistake,
                    const char    *message)
{
  g_autoptr(GString) before = g_string_new (NULL);
  g_autoptr(GString) wrong = g_string_new (NULL);
  g_autoptr(GString) text = g_string_new (NULL);
  gsize size = strlen (filter);

  siocat_complain ("--filter: %s", message);
  if (size > FILTER_SHOWN_MAX)
    return;
  mistake.start = MIN (mistake.start, size);
  mistake.end = CLAMP (mistake.end, mistake.start, size);
  siocat_append_harmless (before, filter, mistake.start);
  siocat_append_harmless (wrong, filter + mistake.start, mistake.end - mistake.start);
  g_string_append_printf (text, "  %s%s", before->str, wrong->str);
  siocat_append_harmless (text, filter + mistake.end, size - mistake.end);
  /* Only blanks of the filter's own can be line ends; a line is a line. */
  g_strdelimit (text->str, "\n", ' ');
  g_string_append_printf (text, "\n  %*s^", (int) get_columns (before->str), "");
  for (guint i = 1; i < get_columns (wrong->str); i++)
    g_string_append_c (text, '^');
  g_string_append_c (text, '\n');
  if (write (STDERR_FILENO, text->str, text->len) < 0)
    return; /* nobody is there to be told */
}

SiocatStatus
siocat_print (int    argc,
              char **argv)
{
  g_autofree char *format = NULL;
  g_autofree char *show = NULL;
  g_autofree char *filter = NULL;
  g_autofree char *output = NULL;
  gboolean redact = FALSE;
  g_auto(GStrv) rest = NULL;
  const GOptionEntry entries[] = {
    { "format", 0, 0, G_OPTION_ARG_FILENAME, &format, "ndjson, csv, har, text or sioscope (ndjson)", "FORMAT" },
    { "show", 0, 0, G_OPTION_ARG_FILENAME, &show, "events, packets, frames, or rows: all, losslessly (events)", "DEPTH" },
    { "filter", 0, 0, G_OPTION_ARG_FILENAME, &filter, "only what QUERY wants", "QUERY" },
    { "redact", 0, 0, G_OPTION_ARG_NONE, &redact, "without credentials", NULL },
    { "output", 0, 0, G_OPTION_ARG_FILENAME, &output, "write FILE instead, all of it or nothing", "FILE" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = g_option_context_new ("FILE");
  g_autoptr(SioscopeFilter) wanted = NULL;
  g_autoptr(GError) error = NULL;
  SioscopeExportOptions options = { 0 };
  SioscopeExportLines lines = { 0 };
  SioscopePlace mistake = { 0 };
  SiocatStatus status;

  g_option_context_set_summary (context, "Prints a recording, or what NDJSON or a HAR tells of one. Credentials stay in what is printed "
                                         "unless --redact is given.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!siocat_options_parse (context, argc, argv, &status))
    return status;

  options.include_secrets = !redact;
  if (!parse_format (format, &options.format, &error) || !parse_show (show, &options, &lines, &error))
    {
      siocat_complain ("%s", error->message);
      return SIOCAT_USAGE;
    }
  if (filter != NULL && !siocat_check_text ("--filter", filter, &error))
    {
      siocat_complain ("%s", error->message);
      return SIOCAT_USAGE;
    }
  if (filter != NULL)
    {
      options.filter = wanted = sioscope_filter_new (filter, &mistake, &error);
      if (wanted == NULL)
        {
          complain_of_filter (filter, mistake, error->message);
          return SIOCAT_USAGE;
        }
    }
  if (rest == NULL || g_strv_length (rest) != 1)
    {
      siocat_complain ("FILE: expected one recording");
      return SIOCAT_USAGE;
    }
  if (!check_output (output, rest[0], options.format, &error))
    {
      siocat_complain ("%s", error->message);
      return SIOCAT_USAGE;
    }

  return siocat_print_run (rest[0], &options, output);
}
