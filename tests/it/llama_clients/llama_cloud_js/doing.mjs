// What most tests of this client begin with.

import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

import { NOTE, NOTES, ORDERS, suite } from "../world.mjs";

export const published = await import(pathToFileURL(process.env.PUBLISHED));

export const claim = suite(
  "npm @llamaindex/llama-cloud 2.16.0",
  "llama-cloud-js",
  `
  extract.create extract.list extract.get extract.delete extract.cancel
  extract-schema-validation.create extract-schema-generate.create
  files.create files.list files.get files.delete files-query.create files-content.get presigned.download
  configurations.create configurations.list configurations.get configurations.update configurations.delete
  projects.list projects.get
  `,
);

export const FORM = { data_schema: NOTES };
export const ORDER_FORM = { data_schema: ORDERS };

export function clientOf(world, options = {}) {
  return new published.default({ apiKey: world.key, baseURL: world.base, ...options });
}

export function fileOf(client, name = "note.txt", content = NOTE, options = {}) {
  return client.files.create({ file: new File([content], name), purpose: "extract", ...options });
}

export async function jobOf(client, file, configuration = FORM, options = {}) {
  const { id } = file ?? (await fileOf(client));
  return client.extract.create({ file_input: id, configuration, ...options });
}

export async function everything(pages) {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
}

export async function idsOf(pages) {
  return (await everything(pages)).map(({ id }) => id);
}

const ERRORS = {
  400: "BadRequestError",
  401: "AuthenticationError",
  403: "PermissionDeniedError",
  404: "NotFoundError",
  409: "ConflictError",
  422: "UnprocessableEntityError",
  429: "RateLimitError",
  503: "InternalServerError",
};

// The detail with which a call is refused.
export async function refused(status, call, words = "") {
  const error = await call.then(
    () => assert.fail("it was answered well"),
    (error) => error,
  );
  assert.ok(error instanceof published[ERRORS[status]], String(error));
  assert.equal(error.status, status);
  const { detail } = error.error;
  if (status === 422) assert.ok(detail.length > 0 && detail.every(({ loc, msg, type }) => loc && msg && type));
  else assert.ok(typeof detail === "string" && detail.includes(words), String(detail));
  return detail;
}
