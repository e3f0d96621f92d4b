/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A script (recording-script.h) with every kind of row, and of every kind each field. */

#pragma once

static const char every_kind_script[] =
  "1 state connecting transport=polling attempt=1\n"
  "2 state open transport=polling sid=abc eio=4 server=4 reason=greeting parser=msgpack\n"
  "3 packet out 40/admin,{\"token\":1}\n"
  "3 packet out 40\n"
  "4 socket connecting /\n"
  "4 socket connected /admin reason=sid1 recovered=1 again=1\n"
  "4 socket connect-error /admin reason=no data={\"a\":1}\n"
  "5 packet in 452-/admin,0[\"b\",{\"_placeholder\":true,\"num\":1},{\"_placeholder\":true,\"num\":0}]\n"
  "6 attachment in 0 first\n"
  "7 engine in 2\n"
  "7 engine out 3probe\n"
  "8 attachment in 1 second\n"
  "9 packet out 43/admin,0[1] tag=77\n"
  "9 packet in 43/admin,12[]\n"
  "9 packet out 420[\"chat\",1.0,\"é\"] tag=78\n"
  "9 packet in 44{\"message\":\"no\"}\n"
  "9 packet in 41/admin,\n"
  "9 packet in 42[\"m\"] wire=0123456\n"
  "10 frame in 10 beat\n"
  "10 frame out 9 x\n"
  "11 http POST 200 4 http://h/ request=42[] response=ok headers=A:_b\n"
  "11 http GET 0 0 https://h/ tls=9 fingerprint=AB:CD certificate=Subject:_a~\n"
  "12 emit lost /admin 5 bye args=1,[2,3] tag=9 text=gone\n"
  "12 emit buffered / -1 hello\n"
  "12 emit refused / 0 hello args={}\n"
  "13 error packet wrong\n"
  "14 note hello\n"
  "15 state waiting attempt=2 delay=1500 min=1000 max=2000 again=1 reason=transport_close message=reset\n"
  "16 attachment out 0 of-nothing\n"
  "17 state failed\n";
