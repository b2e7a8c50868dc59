// What only the generated functions below the package's class do.

import assert from "node:assert/strict";

import { ABSENT, fetched, NOTE, NOTES, ORDERS, whole } from "../world.mjs";
import { api, claim, extractOf } from "./doing.mjs";

// The functions of the package for a world: each gives the data of its answer, which must have been a success.
function functionsOf(world) {
  const { client } = extractOf(world);
  const answered = async (name, options) => api[name]({ client, ...options });
  const done = async (name, options) => {
    const { data, error, response } = await answered(name, options);
    assert.ok(response.ok, `${name}: ${response.status} ${JSON.stringify(error)}`);
    return data;
  };
  const refused = async (status, name, options) => {
    const { error, response } = await answered(name, options);
    assert.equal(response.status, status, `${name}: ${JSON.stringify(error)}`);
    assert.ok(status === 422 ? error.detail[0].loc : typeof error.detail === "string");
  };
  return { done, refused };
}

const PREFIX = { agents: "ApiV1ExtractionExtractionAgents" };
const createAgent = `createExtractionAgent${PREFIX.agents}Post`;
const listAgents = `listExtractionAgents${PREFIX.agents}Get`;
const updateAgent = `updateExtractionAgent${PREFIX.agents}ExtractionAgentIdPut`;
const deleteAgent = `deleteExtractionAgent${PREFIX.agents}ExtractionAgentIdDelete`;

claim("agents are listed, changed and deleted", async (world) => {
  const { done, refused } = functionsOf(world);
  const made = [];
  for (const name of ["a", "b"]) {
    made.unshift(await done(createAgent, { body: { name, data_schema: NOTES, config: {} } }));
    await world.advance("1s");
  }
  assert.deepEqual(await done(listAgents), made);
  const path = { extraction_agent_id: made[0].id };
  const body = { data_schema: JSON.stringify(ORDERS), config: { extraction_mode: "BALANCED" } };
  const changed = await done(updateAgent, { path, body });
  assert.deepEqual([changed.data_schema, changed.config.extraction_mode], [ORDERS, "BALANCED"]);
  assert.deepEqual(await done(deleteAgent, { path }), {});
  await refused(404, deleteAgent, { path });
  await refused(404, updateAgent, { path, body });
  const one = await done(`getOrCreateDefaultExtractionAgent${PREFIX.agents}DefaultGet`);
  assert.equal(one.custom_configuration, "default");
  assert.deepEqual(await done(listAgents, { query: { include_default: true } }), [one, made[1]]);
});

claim("schemas are judged and made", async (world) => {
  const { done, refused } = functionsOf(world);
  const judge = `validateExtractionSchema${PREFIX.agents}SchemaValidationPost`;
  assert.deepEqual(await done(judge, { body: { data_schema: NOTES } }), { data_schema: NOTES });
  await refused(400, judge, { body: { data_schema: { type: "array" } } });
  await refused(422, judge, { body: {} });
  const made = await done(`generateExtractionSchema${PREFIX.agents}SchemaGeneratePost`, { body: { prompt: "Every plant" } });
  assert.deepEqual(await done(judge, { body: made }), made);
});

claim("files are sent, read, fetched, found and deleted", async (world) => {
  const { done, refused } = functionsOf(world);
  const query = { external_file_id: "gate/7" };
  const made = await done("uploadFileApiV1FilesPost", { body: { upload_file: new File([NOTE], "note.txt") }, query });
  assert.deepEqual([made.name, made.file_type, made.external_file_id, made.file_size], ["note.txt", "txt", "gate/7", NOTE.length]);
  const path = { id: made.id };
  assert.deepEqual(await done("getFileApiV1FilesIdGet", { path }), made);
  const { url } = await done("readFileContentApiV1FilesIdContentGet", { path });
  assert.deepEqual(await fetched(url), NOTE);
  const address = await done("generatePresignedUrlApiV1FilesPut", { body: { name: "sent.md" } });
  assert.ok((await fetch(address.url, { method: "PUT", body: NOTE })).ok);
  const sent = await done("getFileApiV1FilesIdGet", { path: { id: address.file_id } });
  assert.deepEqual([sent.name, sent.file_size], ["sent.md", NOTE.length]);
  const elsewhere = await world.listening("fetched");
  const got = await done("uploadFileFromUrlApiV1FilesUploadFromUrlPut", { body: { url: elsewhere.url, name: "got.csv" } });
  assert.deepEqual([got.name, got.file_size], ["got.csv", 7]);
  const found = await done("queryFilesApiV1BetaFilesQueryPost", { body: { filter: { external_file_id: "gate/7" } } });
  assert.deepEqual(found.items.map(({ id }) => id), [made.id]);
  await done("deleteFileApiV1FilesIdDelete", { path });
  await refused(404, "getFileApiV1FilesIdGet", { path });
  await done("deleteFileApiV1BetaFilesFileIdDelete", { path: { file_id: got.id } });
  await refused(404, "getFileApiV1FilesIdGet", { path: { id: got.id } });
});

claim("jobs are made in every way, and their runs are listed and deleted", async (world) => {
  const { done, refused } = functionsOf(world);
  const agent = await done(createAgent, { body: { name: "notes", data_schema: NOTES, config: {} } });
  const ofAgent = { extraction_agent_id: agent.id };
  const file = await done("uploadFileApiV1FilesPost", { body: { upload_file: new File([NOTE], "note.txt") } });
  const jobs = [];
  jobs.push(await done("runJobApiV1ExtractionJobsPost", { body: { ...ofAgent, file_id: file.id }, query: { from_ui: true } }));
  const override = { data_schema_override: JSON.stringify(ORDERS) };
  const sent = { ...ofAgent, file: new File([NOTE], "sent.txt"), ...override };
  jobs.push(await done("runJobOnFileApiV1ExtractionJobsFilePost", { body: sent }));
  jobs.push(...(await done("runBatchJobsApiV1ExtractionJobsBatchPost", { body: { ...ofAgent, file_ids: [file.id, file.id] } })));
  const stateless = { data_schema: ORDERS, config: {}, text: "Nine crates" };
  const alone = await done("extractStatelessApiV1ExtractionRunPost", { body: stateless });
  assert.ok([...jobs, alone].every(({ status }) => status === "PENDING"));
  await world.advance();
  const listed = await done("listJobsApiV1ExtractionJobsGet", { query: ofAgent });
  assert.deepEqual(new Set(listed.map(({ id }) => id)), new Set(jobs.map(({ id }) => id)));
  for (const [job, schema] of [[jobs[0], NOTES], [jobs[1], ORDERS], [jobs.at(-1), NOTES], [alone, ORDERS]]) {
    const path = { job_id: job.id };
    assert.equal((await done("getJobApiV1ExtractionJobsJobIdGet", { path })).status, "SUCCESS");
    const result = await done("getJobResultApiV1ExtractionJobsJobIdResultGet", { path });
    const run = await done("getRunByJobIdApiV1ExtractionRunsByJobJobIdGet", { path });
    assert.deepEqual([run.id, run.data], [result.run_id, whole(result.data, schema)]);
    assert.deepEqual(await done("getRunApiV1ExtractionRunsRunIdGet", { path: { run_id: run.id } }), run);
  }
  const latest = await done("getLatestRunFromUiApiV1ExtractionRunsLatestFromUiGet", { query: ofAgent });
  assert.equal(latest.job_id, jobs[0].id);
  const page = await done("listExtractRunsApiV1ExtractionRunsGet", { query: { ...ofAgent, skip: 1, limit: 2 } });
  assert.deepEqual([page.total, page.skip, page.limit, page.items.length], [jobs.length, 1, 2, 2]);
  const path = { run_id: page.items[0].id };
  assert.deepEqual(await done("deleteExtractionRunApiV1ExtractionRunsRunIdDelete", { path }), {});
  await refused(404, "getRunApiV1ExtractionRunsRunIdGet", { path });
  await refused(404, "runJobApiV1ExtractionJobsPost", { body: { ...ofAgent, file_id: ABSENT } });
  await refused(422, "extractStatelessApiV1ExtractionRunPost", { body: { data_schema: ORDERS, config: {} } });
});

claim("whoever listens is told of the end", async (world) => {
  const { done } = functionsOf(world);
  const endpoint = await world.listening();
  const hook = { webhook_url: endpoint.url, webhook_events: ["extract.success"], webhook_headers: { "x-gate": "north" } };
  const body = { data_schema: ORDERS, config: {}, text: "Nine crates", webhook_configurations: [hook] };
  const job = await done("extractStatelessApiV1ExtractionRunPost", { body });
  await world.advance();
  const { headers, raw } = await endpoint.next();
  const told = JSON.parse(raw);
  assert.deepEqual([told.event_type, told.data.job_id, headers["x-gate"]], ["extract.success", job.id, "north"]);
  assert.equal(headers["x-webhook-event-id"], told.event_id);
});

claim("projects and organizations are read", async (world) => {
  const { done } = functionsOf(world);
  const [project] = await done("listProjectsApiV1ProjectsGet");
  assert.deepEqual(await done("getProjectApiV1ProjectsProjectIdGet", { path: { project_id: project.id } }), project);
  const [{ id }] = await done("listOrganizationsApiV1OrganizationsGet");
  assert.equal(id, project.organization_id);
  const path = { organization_id: id };
  assert.equal((await done("getOrganizationApiV1OrganizationsOrganizationIdGet", { path })).id, id);
});
