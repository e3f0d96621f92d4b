/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading NDJSON back. Every line is checked, and what is wrong is said with its place: an import that gives another recording
 * than the one that was exported would be worse than none. */

#include "sioscope-ndjson-read-private.h"

#include "wire/sio-json-private.h"

/* The library takes messages of at most 256 MiB. In a line one may stand as text, as arguments, and in base64 with a parser of its
 * own, with escapes. */
#define MAX_LINE ((gsize) 1024 * 1024 * 1024)
/* More than any kind of row has. */
#define MAX_MEMBERS 64
/* Pieces of the file's row numbers without a gap: those of so many back are known. An attachment is never that far from its packet. */
#define MAX_PIECES 65536

typedef struct {
  SioSpan name;
  SioSpan value;
} Member;

/* From the row that is called so in the file on: the rows of the recording. */
typedef struct {
  guint64 told;
  guint64 row;
} Piece;

typedef struct {
  SioscopeImport *import;
  guint64         line_number;
  SioSpan         line;
  Member          members[MAX_MEMBERS];
  guint           n_members;
  GArray         *pieces;   /* of Piece */
  guint64         n_rows;
  guint64         next_told; /* the lowest number that the next row may have */
} Ndjson;

G_GNUC_PRINTF (4, 5)
static gboolean
refuse (Ndjson      *self,
        const char  *place,
        GError     **error,
        const char  *format,
        ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, SIOSCOPE_IMPORT_ERROR, SIOSCOPE_IMPORT_ERROR_INVALID,
               "line %" G_GUINT64_FORMAT ", byte %" G_GSIZE_FORMAT ": %s", self->line_number,
               (gsize) (place - self->line.data) + 1, message);
  return FALSE;
}

static gboolean
refuse_value (Ndjson        *self,
              const Member  *member,
              const char    *expected,
              GError       **error)
{
  g_autofree char *name = sioscope_import_quote (member->name);
  g_autofree char *found = sioscope_import_quote (member->value);

  return refuse (self, member->value.data, error, "%s: expected %s, found %s", name, expected, found);
}

static const Member *
find_member (Ndjson     *self,
             const char *name)
{
  for (guint i = 0; i < self->n_members; i++)
    if (sio_json_token_equals (self->members[i].name, name))
      return &self->members[i];
  return NULL;
}

static gboolean
is_same_name (SioSpan a,
              SioSpan b)
{
  return a.size == b.size && memcmp (a.data, b.data, a.size) == 0;
}

/* The members of a line, none twice. Escapes in a name would let it come twice unseen: there are none in ours. */
static gboolean
read_line (Ndjson  *self,
           GError **error)
{
  SioscopeImportReader reader;
  gboolean first = TRUE;

  self->n_members = 0;
  sioscope_import_reader_init (&reader, self->line);
  if (sioscope_import_open (&reader, '{'))
    while (sioscope_import_more (&reader, &first, '}'))
      {
        Member member;

        if (!sioscope_import_name (&reader, &member.name) || !sioscope_import_value (&reader, &member.value))
          break;
        if (self->n_members == MAX_MEMBERS)
          return refuse (self, member.name.data, error, "expected at most %d members", MAX_MEMBERS);
        if (memchr (member.name.data, '\\', member.name.size) != NULL)
          return refuse (self, member.name.data, error, "expected a member's name without escapes");
        for (guint i = 0; i < self->n_members; i++)
          if (is_same_name (self->members[i].name, member.name))
            {
              g_autofree char *name = sioscope_import_quote (member.name);

              return refuse (self, member.name.data, error, "%s is there twice", name);
            }
        self->members[self->n_members++] = member;
      }
  if (reader.expected == NULL)
    sioscope_import_end (&reader);
  if (reader.expected != NULL)
    return refuse (self, reader.p, error, "expected %s", reader.expected);
  return TRUE;
}

/* The row of the recording that is called so in the file; SIOSCOPE_NO_ROW if it is not in the file, as in an export of some rows. */
static guint64
find_row (Ndjson  *self,
          guint64  told)
{
  guint low = 0, high = self->pieces->len;
  const Piece *piece;
  guint64 end;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (g_array_index (self->pieces, Piece, middle).told <= told)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == 0)
    return SIOSCOPE_NO_ROW;
  piece = &g_array_index (self->pieces, Piece, low - 1);
  end = low < self->pieces->len ? piece[1].row : self->n_rows;
  return told - piece->told < end - piece->row ? piece->row + (told - piece->told) : SIOSCOPE_NO_ROW;
}

static gboolean
read_field (Ndjson                    *self,
            const SioscopeNdjsonField *field,
            const Member              *member,
            SioscopeEntry             *entry,
            GError                   **error)
{
  gpointer place = G_STRUCT_MEMBER_P (entry, field->offset);
  SioSpan value = member->value;
  guint64 number;
  gint64 integer;

  switch (field->type)
    {
    case SIOSCOPE_NDJSON_TEXT:
      if (!sioscope_ndjson_read_text (self->import, value, place))
        return refuse_value (self, member, "a string without half surrogate pairs, or {\"$binary\":\"base64\"}", error);
      break;
    case SIOSCOPE_NDJSON_BYTES:
      if (value.data[0] == '"' || !sioscope_ndjson_read_text (self->import, value, place))
        return refuse_value (self, member, "{\"$binary\":\"base64\"}", error);
      break;
    case SIOSCOPE_NDJSON_JSON:
      if (!sioscope_ndjson_read_json (self->import, value, place))
        return refuse_value (self, member, "a JSON value, {\"$text\":\"…\"} or {\"$binary\":\"base64\"}", error);
      break;
    case SIOSCOPE_NDJSON_ARGS:
      if (!sioscope_ndjson_read_args (self->import, value, place))
        return refuse_value (self, member, "an array, {\"$text\":\"…\"} or {\"$binary\":\"base64\"}", error);
      break;
    case SIOSCOPE_NDJSON_LINES:
      if (!sioscope_ndjson_read_lines (self->import, value, place))
        return refuse_value (self, member, "an array of strings, a string, or {\"$binary\":\"base64\"}", error);
      break;
    case SIOSCOPE_NDJSON_UINT:
      if (!sio_json_get_uint (value, G_MAXUINT, &number))
        return refuse_value (self, member, "a whole number from 0 to 4294967295", error);
      *(guint *) place = (guint) number;
      break;
    case SIOSCOPE_NDJSON_INT:
      if (!sioscope_import_int64 (value, 0, FALSE, &integer) || integer < G_MININT || integer > G_MAXINT)
        return refuse_value (self, member, "a whole number of 32 bits", error);
      *(gint *) place = (gint) integer;
      break;
    case SIOSCOPE_NDJSON_INT64:
      if (!sioscope_import_int64 (value, 0, FALSE, place))
        return refuse_value (self, member, "a whole number of 64 bits", error);
      break;
    case SIOSCOPE_NDJSON_UINT64:
      if (!sio_json_get_uint (value, G_MAXUINT64, place))
        return refuse_value (self, member, "a whole number from 0 to 18446744073709551615", error);
      break;
    case SIOSCOPE_NDJSON_ID:
      if (!sioscope_import_int64 (value, 0, FALSE, place) || *(gint64 *) place < 0)
        return refuse_value (self, member, "a whole number from 0 to 9223372036854775807", error);
      break;
    case SIOSCOPE_NDJSON_REF:
      if (!sio_json_get_uint (value, G_MAXUINT64 - 1, &number) || number >= self->next_told)
        return refuse_value (self, member, "the number of a row before this one", error);
      *(guint64 *) place = find_row (self, number);
      break;
    case SIOSCOPE_NDJSON_BOOL:
      if (value.data[0] != 't' && value.data[0] != 'f')
        return refuse_value (self, member, "true or false", error);
      *(gboolean *) place = value.data[0] == 't';
      break;
    case SIOSCOPE_NDJSON_MS:
      if (!sioscope_import_int64 (value, 3, FALSE, place))
        return refuse_value (self, member, "milliseconds with at most three decimals", error);
      break;
    case SIOSCOPE_NDJSON_WORD:
      for (guint i = 0; field->words[i] != NULL; i++)
        if (value.data[0] == '"' && sio_json_token_equals (value, field->words[i]))
          {
            *(guint *) place = i;
            return TRUE;
          }
      {
        g_autofree char *words = g_strjoinv (", ", (char **) field->words);
        g_autofree char *expected = g_strconcat ("one of ", words, NULL);

        return refuse_value (self, member, expected, error);
      }
    case SIOSCOPE_NDJSON_TLS:
      if (!sioscope_ndjson_read_tls (value, place))
        return refuse_value (self, member, "an array of words for what was wrong with a certificate", error);
      break;
    }
  return TRUE;
}

static gboolean
is_same_json (SioSpan a,
              SioSpan b)
{
  g_autoptr(GString) first = NULL;
  g_autoptr(GString) second = NULL;

  if (a.size == b.size && (a.size == 0 || memcmp (a.data, b.data, a.size) == 0))
    return TRUE;
  if (a.size == 0 || b.size == 0)
    return FALSE;
  /* In the line the blanks are left out that would have ended it. */
  first = g_string_sized_new (a.size + 2);
  second = g_string_sized_new (b.size + 2);
  for (guint i = 0; i < 2; i++)
    {
      SioSpan text = i == 0 ? a : b;
      g_autofree char *array = g_malloc (text.size + 2);

      array[0] = '[';
      memcpy (array + 1, text.data, text.size);
      array[text.size + 1] = ']';
      sio_json_append_compact (i == 0 ? first : second, (SioSpan) { array, text.size + 2 });
    }
  return g_string_equal (first, second);
}

/* What is a part of the packet's text is taken from there: a record keeps it once. */
static void
find_in_raw (SioscopeEntry *entry)
{
  SioscopeNdjsonPacket packet;

  if (!sioscope_ndjson_read_packet (entry->raw, &packet))
    return;
  if (packet.nsp.size > 1 && packet.nsp.size == entry->nsp.size
      && memcmp (packet.nsp.data, entry->nsp.data, entry->nsp.size) == 0)
    entry->nsp = packet.nsp;
  if (packet.event.size == entry->event.size && packet.event.size != 0
      && memcmp (packet.event.data, entry->event.data, entry->event.size) == 0)
    entry->event = packet.event;
  if (entry->args.size != 0 && is_same_json (packet.args, entry->args))
    entry->args = packet.args;
}

static gboolean
read_number (Ndjson      *self,
             GError     **error)
{
  const Member *member = find_member (self, "row");
  guint64 told = self->next_told;

  if (member != NULL && (!sio_json_get_uint (member->value, G_MAXUINT64 - 2, &told) || told < self->next_told))
    return refuse_value (self, member, "a number above that of the row before", error);
  if (self->pieces->len == 0 || told != self->next_told)
    {
      Piece piece = { told, self->n_rows };

      if (self->pieces->len == MAX_PIECES)
        g_array_remove_range (self->pieces, 0, MAX_PIECES / 2);
      g_array_append_val (self->pieces, piece);
    }
  self->next_told = told;
  return TRUE;
}

static gboolean
read_fields (Ndjson         *self,
             SioscopeEntry  *entry,
             GError        **error)
{
  const SioscopeNdjsonField *field;
  guint n_known = 0;

  for (field = sioscope_ndjson_fields; field->name != NULL; field++)
    {
      const Member *member;

      if (!(field->kinds & (1u << entry->kind)))
        continue;
      member = find_member (self, field->name);
      if (member == NULL && field->always)
        return refuse (self, self->line.data, error, "expected \"%s\" in a row of kind \"%s\"", field->name,
                       sioscope_ndjson_kinds[entry->kind]);
      if (member == NULL)
        continue;
      n_known++;
      if (!read_field (self, field, member, entry, error))
        return FALSE;
    }
  n_known += 2 + (find_member (self, "row") != NULL);
  if (n_known == self->n_members)
    return TRUE;

  /* What is not known would be lost. What somebody adds for themselves begins with "_". */
  for (guint i = 0; i < self->n_members; i++)
    {
      SioSpan name = self->members[i].name;
      gboolean known = sio_json_token_equals (name, "kind") || sio_json_token_equals (name, "time")
                       || sio_json_token_equals (name, "row") || (name.size > 2 && name.data[1] == '_');
      g_autofree char *quoted = NULL;

      for (field = sioscope_ndjson_fields; field->name != NULL && !known; field++)
        known = (field->kinds & (1u << entry->kind)) && sio_json_token_equals (name, field->name);
      if (known)
        continue;
      quoted = sioscope_import_quote (name);
      return refuse (self, name.data, error, "a row of kind \"%s\" has no %s", sioscope_ndjson_kinds[entry->kind], quoted);
    }
  return TRUE;
}

static gboolean
read_row (Ndjson  *self,
          GError **error)
{
  const Member *kind = find_member (self, "kind");
  const Member *time = find_member (self, "time");
  SioscopeEntry entry = { .id = -1, .ref = SIOSCOPE_NO_ROW };
  g_autoptr(GError) local_error = NULL;

  if (kind == NULL || time == NULL)
    return refuse (self, self->line.data, error, "expected \"%s\" in every row", kind == NULL ? "kind" : "time");
  for (guint i = SIOSCOPE_KIND_PACKET; sioscope_ndjson_kinds[i] != NULL; i++)
    if (kind->value.data[0] == '"' && sio_json_token_equals (kind->value, sioscope_ndjson_kinds[i]))
      entry.kind = (SioscopeKind) i;
  if (entry.kind == 0)
    return refuse_value (self, kind, "packet, attachment, engine, frame, http, state, socket, emit, error or note", error);
  if (!sioscope_import_int64 (time->value, 6, FALSE, &entry.time_us) || entry.time_us < 0)
    return refuse_value (self, time, "seconds with at most six decimals", error);
  if (!read_number (self, error) || !read_fields (self, &entry, error))
    return FALSE;
  if (entry.kind == SIOSCOPE_KIND_FRAME && entry.opcode > 15)
    return refuse_value (self, find_member (self, "opcode"), "an opcode from 0 to 15", error);
  if (entry.kind == SIOSCOPE_KIND_PACKET)
    find_in_raw (&entry);

  if (!sioscope_import_append (self->import, &entry, &local_error))
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local_error), "line %" G_GUINT64_FORMAT ": ", self->line_number);
      return FALSE;
    }
  self->n_rows++;
  self->next_told++;
  return TRUE;
}

static gboolean
read_c_string (Ndjson      *self,
               const char  *name,
               char       **string,
               GError     **error)
{
  const Member *member = find_member (self, name);
  SioSpan text = { NULL, 0 };

  if (member != NULL && (!sioscope_ndjson_read_text (self->import, member->value, &text) || memchr (text.size != 0 ? text.data : "", 0, text.size)))
    return refuse_value (self, member, "a string", error);
  *string = g_strndup (text.size != 0 ? text.data : "", text.size);
  return TRUE;
}

/* The first line says what it all is. */
static gboolean
read_header (Ndjson  *self,
             GError **error)
{
  static const char * const known[] = { "format", "version", "title", "client", "start_us", "start" };
  const Member *format = find_member (self, "format");
  const Member *version = find_member (self, "version");
  const Member *start = find_member (self, "start_us");
  g_autofree char *title = NULL, *client = NULL;
  gint64 start_us = 0;
  guint64 number;

  if (format == NULL || !sio_json_token_equals (format->value, SIOSCOPE_NDJSON_FORMAT))
    return refuse (self, self->line.data, error, "expected \"format\":\"" SIOSCOPE_NDJSON_FORMAT "\"");
  if (version == NULL || !sio_json_get_uint (version->value, G_MAXUINT, &number) || number == 0)
    return refuse (self, self->line.data, error, "expected \"version\", a whole number");
  if (number > SIOSCOPE_NDJSON_VERSION)
    return refuse (self, version->value.data, error, "version %u of the format is newer than this program: it knows version %d",
                   (guint) number, SIOSCOPE_NDJSON_VERSION);
  if (start == NULL)
    return refuse (self, self->line.data, error, "expected \"start_us\"");
  if (!sioscope_import_int64 (start->value, 0, FALSE, &start_us))
    return refuse_value (self, start, "a whole number of 64 bits", error);
  for (guint i = 0; i < self->n_members; i++)
    {
      SioSpan name = self->members[i].name;
      gboolean is_known = name.size > 2 && name.data[1] == '_';

      for (guint j = 0; j < G_N_ELEMENTS (known); j++)
        is_known = is_known || sio_json_token_equals (name, known[j]);
      if (!is_known)
        {
          g_autofree char *quoted = sioscope_import_quote (name);

          return refuse (self, name.data, error, "the first line has no %s", quoted);
        }
    }
  return read_c_string (self, "title", &title, error) && read_c_string (self, "client", &client, error)
         && sioscope_import_begin (self->import, title, client, start_us, error);
}

static gboolean
is_blank (SioSpan line)
{
  for (gsize i = 0; i < line.size; i++)
    if (!sio_json_is_blank (line.data[i]))
      return FALSE;
  return TRUE;
}

/* The format is docs/formats.md. */
gboolean
sioscope_import_ndjson (SioscopeImport  *import,
                        GError         **error)
{
  Ndjson *self = g_new0 (Ndjson, 1);
  const char *p = import->text.data, *end = p + import->text.size;
  gboolean good = TRUE, begun = FALSE;

  self->import = import;
  self->pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  while (good && p < end)
    {
      const char *line_end = memchr (p, '\n', (gsize) (end - p));

      line_end = line_end != NULL ? line_end : end;
      self->line = (SioSpan) { p, (gsize) (line_end - p) };
      self->line_number++;
      p = line_end < end ? line_end + 1 : end;
      if (is_blank (self->line))
        continue;
      if (self->line.size > MAX_LINE)
        good = refuse (self, self->line.data, error, "the line is longer than 1 GiB");
      else
        good = read_line (self, error) && (begun ? read_row (self, error) : read_header (self, error));
      begun = TRUE;
      g_ptr_array_set_size (import->scratch, 0);
      good = good && sioscope_import_go_on (import, (double) (line_end - import->text.data) / (double) import->text.size, error);
    }
  if (good && !begun)
    good = refuse (self, import->text.data, error, "expected the first line of the format");
  g_array_unref (self->pieces);
  g_free (self);
  return good;
}
