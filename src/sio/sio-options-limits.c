/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The limits of SioOptions: no server, and nothing that is emitted, makes anything grow without an end. */

#include "sio-options-private.h"

/**
 * sio_options_get_max_payload:
 * @self: options
 *
 * Returns: bytes; see #SioOptions:max-payload
 */
/**
 * sio_options_set_max_payload:
 * @self: options
 * @max_payload: bytes; brought into 1 byte to 256 MiB
 *
 * Sets #SioOptions:max-payload.
 */
SIO_OPTIONS_DEFINE_SIZE (max_payload, MAX_PAYLOAD)

/**
 * sio_options_get_max_fragments:
 * @self: options
 *
 * Returns: the limit; see #SioOptions:max-fragments
 */
/**
 * sio_options_set_max_fragments:
 * @self: options
 * @max_fragments: the new value
 *
 * Sets #SioOptions:max-fragments.
 */
SIO_OPTIONS_DEFINE_UINT (max_fragments, MAX_FRAGMENTS)

/**
 * sio_options_get_max_packets_per_poll:
 * @self: options
 *
 * Returns: the limit; see #SioOptions:max-packets-per-poll
 */
/**
 * sio_options_set_max_packets_per_poll:
 * @self: options
 * @max_packets_per_poll: the new value
 *
 * Sets #SioOptions:max-packets-per-poll.
 */
SIO_OPTIONS_DEFINE_UINT (max_packets_per_poll, MAX_PACKETS_PER_POLL)

/**
 * sio_options_get_max_informational:
 * @self: options
 *
 * Returns: the limit; see #SioOptions:max-informational
 */
/**
 * sio_options_set_max_informational:
 * @self: options
 * @max_informational: the new value
 *
 * Sets #SioOptions:max-informational.
 */
SIO_OPTIONS_DEFINE_UINT (max_informational, MAX_INFORMATIONAL)

/**
 * sio_options_get_max_attachments:
 * @self: options
 *
 * Returns: the limit; see #SioOptions:max-attachments
 */
/**
 * sio_options_set_max_attachments:
 * @self: options
 * @max_attachments: the new value
 *
 * Sets #SioOptions:max-attachments.
 */
SIO_OPTIONS_DEFINE_UINT (max_attachments, MAX_ATTACHMENTS)

/**
 * sio_options_get_max_attachments_out:
 * @self: options
 *
 * Returns: the limit; see #SioOptions:max-attachments-out
 */
/**
 * sio_options_set_max_attachments_out:
 * @self: options
 * @max_attachments_out: the new value
 *
 * Sets #SioOptions:max-attachments-out.
 */
SIO_OPTIONS_DEFINE_UINT (max_attachments_out, MAX_ATTACHMENTS_OUT)

/**
 * sio_options_get_max_depth:
 * @self: options
 *
 * Returns: the limit; see #SioOptions:max-depth
 */
/**
 * sio_options_set_max_depth:
 * @self: options
 * @max_depth: the new value
 *
 * Sets #SioOptions:max-depth.
 */
SIO_OPTIONS_DEFINE_UINT (max_depth, MAX_DEPTH)

/**
 * sio_options_get_max_pending_acks:
 * @self: options
 *
 * Returns: the limit; see #SioOptions:max-pending-acks
 */
/**
 * sio_options_set_max_pending_acks:
 * @self: options
 * @max_pending_acks: the new value
 *
 * Sets #SioOptions:max-pending-acks.
 */
SIO_OPTIONS_DEFINE_UINT (max_pending_acks, MAX_PENDING_ACKS)

/**
 * sio_options_get_max_namespaces:
 * @self: options
 *
 * Returns: the limit; see #SioOptions:max-namespaces
 */
/**
 * sio_options_set_max_namespaces:
 * @self: options
 * @max_namespaces: the new value
 *
 * Sets #SioOptions:max-namespaces.
 */
SIO_OPTIONS_DEFINE_UINT (max_namespaces, MAX_NAMESPACES)

/**
 * sio_options_get_max_control_rate:
 * @self: options
 *
 * Returns: the limit; see #SioOptions:max-control-rate
 */
/**
 * sio_options_set_max_control_rate:
 * @self: options
 * @max_control_rate: the new value
 *
 * Sets #SioOptions:max-control-rate.
 */
SIO_OPTIONS_DEFINE_UINT (max_control_rate, MAX_CONTROL_RATE)

/**
 * sio_options_get_max_queued_packets:
 * @self: options
 *
 * Returns: the limit; see #SioOptions:max-queued-packets
 */
/**
 * sio_options_set_max_queued_packets:
 * @self: options
 * @max_queued_packets: the new value
 *
 * Sets #SioOptions:max-queued-packets.
 */
SIO_OPTIONS_DEFINE_UINT (max_queued_packets, MAX_QUEUED_PACKETS)

/**
 * sio_options_get_max_queued_size:
 * @self: options
 *
 * Returns: bytes; see #SioOptions:max-queued-size
 */
/**
 * sio_options_set_max_queued_size:
 * @self: options
 * @max_queued_size: the new value
 *
 * Sets #SioOptions:max-queued-size.
 */
SIO_OPTIONS_DEFINE_SIZE (max_queued_size, MAX_QUEUED_SIZE)

/**
 * sio_options_get_max_cookies:
 * @self: options
 *
 * Returns: the limit; see #SioOptions:max-cookies
 */
/**
 * sio_options_set_max_cookies:
 * @self: options
 * @max_cookies: the new value
 *
 * Sets #SioOptions:max-cookies.
 */
SIO_OPTIONS_DEFINE_UINT (max_cookies, MAX_COOKIES)
