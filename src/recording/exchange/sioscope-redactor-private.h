/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The parts of the redactor: the net of known values; looking for secrets in a text by what stands around them; writing the text
 * anew without them. */

#pragma once

#include "sioscope-redactor.h"

G_BEGIN_DECLS

/* ── The net: sioscope-redactor-net.c ── */

/**
 * SioscopeSecretForm:
 *
 * How a value stands in its text.
 */
typedef enum {
  SIOSCOPE_SECRET_PLAIN,
  SIOSCOPE_SECRET_URL,  /* percent-encoded */
  SIOSCOPE_SECRET_JSON, /* one value: a string's token, a number, an object … */
} SioscopeSecretForm;

typedef struct _SioscopeNet SioscopeNet;

SioscopeNet *sioscope_net_new      (void);
void         sioscope_net_free     (SioscopeNet        *self);
/* weak: told by its place alone (something in an auth), so what could as well be a plain word is not looked for elsewhere. */
void         sioscope_net_add      (SioscopeNet        *self,
                                    SioSpan             value,
                                    SioscopeSecretForm  form,
                                    gboolean            weak);
/* An event's or namespace's name, which is none, whatever value it equals. */
void         sioscope_net_add_name (SioscopeNet        *self,
                                    SioSpan             name);
void         sioscope_net_seal     (SioscopeNet        *self);
/* Appends a mask for each value that is in text; TRUE if there is one. */
gboolean     sioscope_net_find     (SioscopeNet        *self,
                                    SioSpan             text,
                                    GArray             *masks);

/* ── Looking: sioscope-redactor-text.c ── */

/* A piece of a text that is hidden: places count from the text's begin. */
typedef struct {
  gsize    start;
  gsize    end;
  gboolean whole; /* a JSON value: a string takes its place */
} SioscopeMask;

typedef struct {
  const char  *base;   /* what places are counted from */
  GArray      *masks;  /* of SioscopeMask; NULL: only learn */
  SioscopeNet *net;    /* where values are learned; NULL: only mask */
  gboolean     binary; /* out: one of the values is a placeholder of an attachment */
  guint64      attachments; /* out: which ones, as bits; more than 63 are all */
} SioscopeLook;

#define SIOSCOPE_LOOK_ALL G_MAXUINT64

/* Members with names that sound secret; everything: every value (an auth). The text need not be right, or only JSON. */
void         sioscope_look_json    (SioscopeLook       *look,
                                    SioSpan             text,
                                    gboolean            everything);
/* Parameters and userinfo of URLs, credentials with their scheme, JSON Web Tokens: wherever they stand. */
void         sioscope_look_plain   (SioscopeLook       *look,
                                    SioSpan             text);
/* "Name: value\r\n" lines. */
void         sioscope_look_headers (SioscopeLook       *look,
                                    SioSpan             headers);
/* Whether binary is msgpack with a member that sounds secret, or an auth. */
gboolean     sioscope_look_msgpack (SioSpan             bytes);

/* ── Writing: sioscope-redactor-render.c ── */

/* Where a place of the old text is in the new one. */
typedef struct {
  gsize start, end;         /* of the old text */
  gsize new_start, new_end;
} SioscopeMoved;

/* Text with its first json bytes being no JSON (all of it: json is its size). moved (nullable): an array of SioscopeMoved. */
void         sioscope_render_masked (GString           *out,
                                     SioSpan            text,
                                     gsize              json,
                                     GArray            *masks,
                                     GArray            *moved);
gsize        sioscope_moved_place  (GArray             *moved,
                                    gsize               place,
                                    gboolean            is_end);

/* ── Packets and bodies: sioscope-redactor-body.c ── */

/* Of the text of a packet, with its Engine.IO digit. */
typedef struct {
  SioSpan  nsp;
  gsize    json;   /* where JSON begins; the size if there is none */
  gboolean auth;   /* it is that of CONNECT */
} SioscopePacketParts;
void         sioscope_packet_split (SioSpan              text,
                                    SioscopePacketParts *parts);
/* Masks of a packet; nothing but the namespace and the JSON can be hidden. */
void         sioscope_look_packet  (SioscopeLook        *look,
                                    SioSpan              text);
/* Without secrets, into out; FALSE: there are none, and out is as before. net: sealed. */
gboolean     sioscope_redact_packet (SioscopeNet        *net,
                                    SioSpan              text,
                                    GString             *out,
                                    GArray              *moved);
gboolean     sioscope_redact_body  (SioscopeNet         *net,
                                    SioSpan              body,
                                    GString             *out);
/* Any text that may have anything in it. */
gboolean     sioscope_redact_mixed (SioscopeNet         *net,
                                    SioSpan              text,
                                    GString             *out);
void         sioscope_look_body    (SioscopeLook        *look,
                                    SioSpan              body);

G_END_DECLS
