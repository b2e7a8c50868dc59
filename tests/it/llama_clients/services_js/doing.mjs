import { pathToFileURL } from "node:url";

import { suite } from "../world.mjs";

export const { LlamaExtract, api } = await import(pathToFileURL(process.env.PUBLISHED));

// What most tests of this client begin with.
//
// `deleteAgent` with an agent that is not there is left out: by itself it waits 500 seconds between its tries.
export const claim = suite(
  "npm llama-cloud-services 0.5.4",
  "services-js",
  `
  extraction-agents.create extraction-agents.list extraction-agents.get extraction-agents.update extraction-agents.delete
  extraction-agents-by-name.get extraction-agents-default.get
  extraction-agents-schema-validation.create extraction-agents-schema-generate.create
  jobs.create jobs.list jobs.get jobs-result.get jobs-batch.create jobs-file.create run.create
  runs.list runs.get runs.delete runs-by-job.get runs-latest-from-ui.get
  files.create files.get files.delete files-presigned.create files-from-url.create files-content.get files-query.create
  presigned.upload presigned.download
  projects.list projects.get organizations.list organizations.get
  `,
);

// What the client says of its retries, a line for each, would bury what the tests say.
console.log = ((log) => (first, ...rest) => String(first).includes("rror") || log(first, ...rest))(console.log);
console.error = () => {};

export function extractOf(world, key = world.key) {
  return new LlamaExtract(key, world.base);
}
