// SPDX-FileCopyrightText: Sioscope contributors
// SPDX-License-Identifier: GPL-3.0-or-later

// Whether files are HTTP Archives: against the schema that others use, and for the messages of WebSockets against what Chrome
// writes, which is in no schema.
//
//   node check-har.mjs FILE…

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(import.meta.url);
const Ajv = require("ajv");
const schemas = require("har-schema");

const ajv = new Ajv({ allErrors: true, schemaId: "auto" });
ajv.addMetaSchema(require("ajv/lib/refs/json-schema-draft-06.json"));
ajv.addSchema(Object.values(schemas));
const validate = ajv.getSchema("har.json#");

const message = ajv.compile({
  type: "object",
  required: ["type", "time", "opcode", "data"],
  additionalProperties: false,
  properties: {
    type: { enum: ["send", "receive"] },
    time: { type: "number", minimum: 0 },
    opcode: { enum: [1, 2, 8, 9, 10] },
    data: { type: "string" },
  },
});

function check(file) {
  const problems = [];
  const har = JSON.parse(readFileSync(file, "utf8"));

  if (!validate(har)) problems.push(...validate.errors.map((e) => `${e.dataPath} ${e.message}`));
  let last = "";
  har.log.entries.forEach((entry, i) => {
    if (entry.startedDateTime < last) problems.push(`entry ${i} begins before the one in front of it`);
    last = entry.startedDateTime;
    for (const name of Object.keys(entry))
      if (!/^(_|startedDateTime$|time$|request$|response$|cache$|timings$|comment$)/.test(name))
        problems.push(`entry ${i}: ${name} is neither of the format nor begins with _`);
    const { _resourceType: type, _webSocketMessages: messages } = entry;
    if ((type === "websocket") !== Array.isArray(messages)) problems.push(`entry ${i}: a websocket has messages, and nothing else`);
    let time = 0;
    (messages ?? []).forEach((each, j) => {
      if (!message(each)) problems.push(...message.errors.map((e) => `entry ${i}, message ${j}${e.dataPath} ${e.message}`));
      if (each.opcode !== 1 && Buffer.from(each.data, "base64").toString("base64") !== each.data)
        problems.push(`entry ${i}, message ${j}: no base64`);
      if (each.time < time) problems.push(`entry ${i}, message ${j} is before the one in front of it`);
      time = each.time;
    });
  });
  return problems;
}

let bad = 0;
for (const file of process.argv.slice(2)) {
  const problems = check(file);
  for (const problem of problems.slice(0, 20)) console.error(`${file}: ${problem}`);
  bad += problems.length;
}
process.exit(bad === 0 ? 0 : 1);
