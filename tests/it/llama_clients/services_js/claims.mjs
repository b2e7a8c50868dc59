// What the package's own class is for.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ABSENT, missing, NOTE, NOTES, ORDERS, whole } from "../world.mjs";
import { claim, extractOf } from "./doing.mjs";

// How often and how soon to try again where the failure is what is looked for.
const ONCE_MORE = [1, 0.01];
const HERE = [null, null];

async function pathOf(world, name) {
  const folder = await mkdtemp(join(tmpdir(), "llama-"));
  world.closing(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, name), NOTE);
  return join(folder, name);
}

claim("an agent is created, found and deleted", async (world) => {
  const extract = extractOf(world);
  const made = await extract.createAgent("notes", NOTES);
  assert.equal(made.name, "notes");
  assert.deepEqual(made.dataSchema, NOTES);
  assert.equal(made.agent.config.extraction_mode, "PREMIUM");
  for (const found of [await extract.getAgent("notes"), await extract.getAgent(undefined, made.id)]) {
    assert.deepEqual(found.agent, made.agent);
  }
  assert.equal(await extract.deleteAgent(made.id), true);
  await assert.rejects(extract.getAgent(undefined, made.id, ...HERE, ...ONCE_MORE), /Exceeded maximum number of retries/);
  await assert.rejects(extract.getAgent("notes", undefined, ...HERE, ...ONCE_MORE), /Exceeded maximum number of retries/);
  assert.deepEqual(await world.statuses("extraction-agents-by-name.get"), [200, 404, 404]);
});

claim("a name may have anything in it", async (world) => {
  const extract = extractOf(world);
  for (const name of ["gate/7 north", "50% früher?", "a+b&c=d"]) {
    const { id } = await extract.createAgent(name, JSON.stringify(NOTES), { extraction_mode: "FAST" });
    const found = await extract.getAgent(name);
    assert.deepEqual([found.id, found.dataSchema, found.agent.config.extraction_mode], [id, NOTES, "FAST"]);
  }
});

claim("an agent extracts from every form of a file", async (world) => {
  const agent = await extractOf(world).createAgent("notes", NOTES);
  const path = await pathOf(world, "note.pdf");
  const results = [];
  for (const [filePath, fileContent, fileName] of [
    [path],
    [undefined, NOTE],
    [undefined, new Uint8Array(NOTE), "note.docx"],
    [undefined, new File([NOTE], "note.txt"), undefined],
    [undefined, NOTE.toString()],
  ]) {
    const result = await agent.extract(filePath, fileContent, fileName);
    results.push(whole(result.data, NOTES));
    assert.ok(result.extractionMetadata.usage);
  }
  // The same bytes, whatever the way they came.
  for (const data of results) assert.deepEqual(data, results[0]);
  const names = (await world.ask("GET", "/api/v1/beta/files")).items.map(({ name, file_type }) => [name, file_type]);
  assert.deepEqual(names[4], ["note.pdf", "pdf"]);
  assert.match(names[3][0], /^uploadedFile_\w+\.pdf$/);
  assert.deepEqual(names[2], ["note.docx", "docx"]);
  assert.match(names[0][0], /^uploadedFile_\w+\.txt$/);
});

claim("everything is extracted from without an agent", async (world) => {
  const extract = extractOf(world);
  const plain = await extract.extract(ORDERS, undefined, undefined, "Nine crates", "nine.md");
  whole(plain.data, ORDERS);
  const config = { extraction_target: "PER_PAGE", cite_sources: true, confidence_scores: true };
  const pages = await extract.extract(ORDERS, config, await pathOf(world, "note.pdf"));
  assert.ok(pages.data.length > 0);
  pages.data.forEach((page) => whole(page, ORDERS));
  assert.ok(pages.extractionMetadata.field_metadata);
});

claim("what was begun in a browser is told", async (world) => {
  const agent = await extractOf(world).createAgent("notes", NOTES);
  await agent.extract(undefined, NOTE, "note.txt", ...HERE, true);
  const { items } = await world.ask("GET", `/api/v1/extraction/runs?extraction_agent_id=${agent.id}`);
  assert.deepEqual(items.map(({ from_ui }) => from_ui), [true]);
});

claim("a failed extraction throws", async (world) => {
  const extract = extractOf(world);
  const agent = await extract.createAgent("notes", NOTES);
  const throws = /There was an error extracting data from your file/;
  await assert.rejects(agent.extract(undefined, NOTE, "fails.txt"), throws);
  await assert.rejects(extract.extract(NOTES, {}, undefined, NOTE, "fails.txt"), throws);
});

claim("a cancelled extraction throws", async (world) => {
  const agent = await extractOf(world).createAgent("notes", NOTES);
  const extracting = agent.extract(undefined, NOTE, "stuck.txt");
  const cancels = async () => {
    const { items } = await world.ask("GET", "/api/v2/extract");
    if (items.length === 0) return setTimeout(cancels, 20);
    await world.ask("POST", `/api/v2/extract/${items[0].id}/cancel`);
  };
  await Promise.all([cancels(), assert.rejects(extracting, /There was an error extracting data from your file/)]);
});

claim("a stuck extraction is given up", async (world) => {
  const agent = await extractOf(world).createAgent("notes", NOTES);
  const extracting = agent.extract(undefined, NOTE, "stuck.txt", ...HERE, undefined, 0.1, 2);
  await assert.rejects(extracting, /taking longer/);
});

claim("a partial extraction is no end to this client, and has a result", async (world) => {
  const agent = await extractOf(world).createAgent("notes", NOTES);
  await assert.rejects(agent.extract(undefined, NOTE, "partial.txt", ...HERE, undefined, 1, 2), /taking longer/);
  const [job] = await world.ask("GET", `/api/v1/extraction/jobs?extraction_agent_id=${agent.id}`);
  assert.equal(job.status, "PARTIAL_SUCCESS");
  const { data } = await world.ask("GET", `/api/v1/extraction/jobs/${job.id}/result`);
  assert.ok(missing(data, NOTES).length > 0);
});

claim("an empty file brings nothing", async (world) => {
  const { data } = await extractOf(world).extract(NOTES, {}, undefined, NOTE, "empty.txt");
  assert.ok(Object.values(data).every((value) => !value || value.length === 0));
});

claim("what may pass is asked again", async (world) => {
  const extract = extractOf(world);
  await world.fault("extraction-agents.create", { respond: { error: "rate-limited", "retry-after": "1m" } });
  const agent = await extract.createAgent("notes", NOTES);
  for (const operation of ["jobs.create", "jobs.get", "jobs-result.get"]) {
    await world.fault(operation, { respond: { status: 503 } });
  }
  whole((await agent.extract(undefined, NOTE, "note.txt")).data, NOTES);
  for (const operation of ["extraction-agents.create", "jobs.create", "jobs-result.get"]) {
    const statuses = await world.statuses(operation);
    assert.deepEqual([statuses.length, statuses.at(-1)], [2, 200], operation);
  }
  // An upload is meant to be, and is not: the reason is read twice, which throws.
  await world.fault("files.create", { respond: { status: 503 } });
  await assert.rejects(agent.extract(undefined, NOTE, "note.txt"), TypeError);
});

claim("what stays is given up", async (world) => {
  const extract = extractOf(world);
  const throws = /Exceeded maximum number of retries/;
  await extract.createAgent("notes", NOTES);
  await assert.rejects(extract.createAgent("notes", NOTES, {}, ...HERE, ...ONCE_MORE), throws);
  await assert.rejects(extract.createAgent("other", {}, {}, ...HERE, ...ONCE_MORE), throws);
  await assert.rejects(extract.createAgent("", NOTES, {}, ...HERE, ...ONCE_MORE), throws);
  assert.deepEqual(await world.statuses("extraction-agents.create"), [200, 409, 409, 400, 400, 422, 422]);
  await assert.rejects(extract.getAgent(undefined, ABSENT, ...HERE, ...ONCE_MORE), throws);
  await assert.rejects(extract.getAgent(undefined, "no-uuid", ...HERE, ...ONCE_MORE), throws);
  assert.deepEqual(await world.statuses("extraction-agents.get"), [404, 404, 422, 422]);
});

claim("keys that are none are refused", async (world) => {
  for (const key of ["invalid-key", "forbidden-key"]) {
    const extract = extractOf(world, key);
    await assert.rejects(extract.getAgent("notes", undefined, ...HERE, ...ONCE_MORE), /Exceeded maximum number of retries/);
  }
});
