// Writes ../src/openapi.d.ts from the OpenAPI document, without what the SDK's types do not need: run it after `make openapi`.
import { readFileSync, writeFileSync } from "node:fs";

import openapiTS, { astToString } from "openapi-typescript";

const METHODS = ["get", "post", "put", "patch", "delete"];
const document = JSON.parse(readFileSync(new URL("../../chat_server/http/openapi.json", import.meta.url), "utf8"));

for (const operations of Object.values(document.paths)) {
  for (const method of METHODS) {
    const operation = operations[method];
    if (!operation) continue;
    const responses = Object.entries(operation.responses).filter(([status]) => status.startsWith("2"));
    operation.responses = Object.fromEntries(responses.map(([status, { description, content }]) => [status, { description, content }]));
    operation.parameters = operation.parameters?.filter((one) => one.in === "query");
    delete operation.description;
  }
}
const text = astToString(await openapiTS(document, { defaultNonNullable: false }))
  .replace(/\/\*\*.*?\*\//gs, "")
  .replace(/^ *\w+\??: never;\n/gm, "")
  .replace(/^ *headers: \{\s*\[name: string\]: unknown;\s*\};\n/gm, "")
  .replace(/^ *parameters: \{\s*\};\n/gm, "")
  .replace(/^\s*\n/gm, "")
  .replace(/^( {4})+/gm, (indent) => " ".repeat(indent.length / 4));
writeFileSync(new URL("../src/openapi.d.ts", import.meta.url), `// Made from the OpenAPI document by client-js/openapi/types.mjs.\n${text}`);
