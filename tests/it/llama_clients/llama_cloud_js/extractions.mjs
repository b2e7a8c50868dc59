import assert from "node:assert/strict";

import { ABSENT, NOTES, ORDERS, whole } from "../world.mjs";
import { claim, clientOf, everything, fileOf, FORM, idsOf, jobOf, ORDER_FORM, refused } from "./doing.mjs";

claim("a file is extracted from in one call", async (world) => {
  const client = clientOf(world);
  const file = await fileOf(client);
  const job = await client.extract.run({ file_input: file.id, configuration: FORM });
  assert.match(job.id, /^ext-/);
  assert.deepEqual([job.status, job.error_message, job.project_id], ["COMPLETED", null, file.project_id]);
  assert.deepEqual([job.configuration, job.configuration_id, job.extract_metadata], [null, null, null]);
  assert.ok(job.metadata.usage.num_pages_extracted >= 1);
  whole(job.extract_result, NOTES);
  const again = await client.extract.run({ file_input: `dfl-${file.id}`, configuration: FORM });
  assert.notEqual(again.id, job.id);
  assert.deepEqual(again.extract_result, job.extract_result);
});

claim("a job is followed to its end", async (world) => {
  const client = clientOf(world);
  await world.standStill();
  const made = await jobOf(client);
  assert.deepEqual([made.status, made.extract_result], ["PENDING", null]);
  assert.deepEqual(await client.extract.get(made.id), made);
  const seen = await world.seen(async () => (await client.extract.get(made.id)).status, "COMPLETED");
  assert.deepEqual(seen, ["PENDING", "THROTTLED", "RUNNING", "COMPLETED"].filter((status) => seen.includes(status)));
  assert.ok(seen.includes("RUNNING"));
  await world.goOn();
  assert.equal((await client.extract.waitForCompletion(made.id)).status, "COMPLETED");
});

claim("a target of parts brings a list", async (world) => {
  const client = clientOf(world);
  const file = await fileOf(client);
  for (const [target, parts] of [["per_page", "page_metadata"], ["per_table_row", "row_metadata"]]) {
    const configuration = { ...ORDER_FORM, extraction_target: target, cite_sources: true };
    const job = await client.extract.run({ file_input: file.id, configuration });
    assert.ok(job.extract_result.length > 0);
    job.extract_result.forEach((part) => whole(part, ORDERS));
    assert.equal(job.extract_metadata.field_metadata[parts].length, job.extract_result.length);
  }
});

claim("what is expanded is told and nothing else", async (world) => {
  const client = clientOf(world);
  const job = await client.extract.run({ file_input: (await fileOf(client)).id, configuration: FORM });
  const told = await client.extract.get(job.id, { expand: ["configuration", "extract_metadata", "usage"] });
  assert.deepEqual(told.extract_result, job.extract_result);
  assert.deepEqual(told.configuration.data_schema, NOTES);
  const { tier, version, extraction_target: target } = told.configuration;
  assert.deepEqual([tier, version, target], ["cost_effective", "latest", "per_doc"]);
  assert.ok(told.extract_metadata.field_metadata);
  assert.equal(typeof told.usage.credits, "number");
  const [listed] = (await client.extract.list({ expand: ["configuration", "extract_metadata"] })).items;
  assert.deepEqual([listed.configuration, listed.extract_metadata], [told.configuration, told.extract_metadata]);
  const [plain] = (await client.extract.list()).items;
  assert.deepEqual([plain.configuration, plain.extract_metadata], [null, null]);
});

claim("a job says how once", async (world) => {
  const client = clientOf(world);
  const { id: file_input } = await fileOf(client);
  const create = (body) => client.extract.create(body);
  await refused(422, create({ file_input }));
  await refused(422, create({ file_input, configuration: FORM, configuration_id: `cfg-${ABSENT}` }));
  await refused(422, create({ file_input, configuration: { ...FORM, tier: "platinum" } }));
  await refused(400, create({ file_input, configuration: { data_schema: {} } }));
  await refused(404, create({ file_input: ABSENT, configuration: FORM }), ABSENT);
  await refused(404, create({ file_input: `pjb-${ABSENT}`, configuration: FORM }), ABSENT);
  await refused(404, create({ file_input, configuration_id: `cfg-${ABSENT}` }), ABSENT);
});

claim("jobs are listed by every filter", async (world) => {
  const client = clientOf(world);
  await world.standStill();
  const [notes, orders] = [await fileOf(client), await fileOf(client, "orders.txt", "orders")];
  const saved = await client.configurations.create({ name: "a", parameters: { product_type: "extract_v2", ...FORM } });
  const first = await jobOf(client, notes);
  await world.advance("1m");
  const second = await client.extract.create({ file_input: orders.id, configuration_id: saved.id });
  await world.advance("1h");
  const third = await jobOf(client, notes);
  const listed = (query) => idsOf(client.extract.list(query));
  const ids = [third.id, second.id, first.id];
  assert.deepEqual(await listed(), ids);
  assert.deepEqual(await listed({ status: "COMPLETED" }), ids.slice(1));
  assert.deepEqual(await listed({ status: "PENDING" }), ids.slice(0, 1));
  assert.deepEqual(await listed({ status: "CANCELLED" }), []);
  assert.deepEqual(await listed({ configuration_id: saved.id }), [second.id]);
  assert.deepEqual(await listed({ file_input: notes.id }), [third.id, first.id]);
  assert.deepEqual(await listed({ document_input_value: orders.id, document_input_type: "file_id" }), [second.id]);
  assert.deepEqual(await listed({ job_ids: [first.id, third.id] }), [third.id, first.id]);
  const when = second.created_at;
  assert.deepEqual(await listed({ created_at_on_or_after: when }), ids.slice(0, 2));
  assert.deepEqual(await listed({ created_at_on_or_before: when }), ids.slice(1));
  const both = { created_at_on_or_after: when, created_at_on_or_before: new Date(when), status: "COMPLETED" };
  assert.deepEqual(await listed(both), [second.id]);
  assert.deepEqual(await listed({ page_size: 1 }), ids);
  await refused(422, client.extract.list({ status: "DONE" }));
  await refused(422, client.extract.list({ page_size: 0 }));
});

claim("jobs are listed across pages", async (world) => {
  const client = clientOf(world);
  const file = await fileOf(client);
  const ids = [];
  for (let number = 0; number < 5; number += 1) {
    ids.unshift((await jobOf(client, file)).id);
    await world.advance("1s");
  }
  const page = await client.extract.list({ page_size: 2, expand: ["configuration"] });
  assert.ok(page.hasNextPage());
  const following = await page.getNextPage();
  assert.deepEqual(following.items.map(({ id }) => id), ids.slice(2, 4));
  assert.ok(following.items[0].configuration);
  const last = await following.getNextPage();
  assert.deepEqual([last.items.length, last.hasNextPage()], [1, false]);
  assert.deepEqual((await everything(page)).map(({ id }) => id), ids);
  await refused(400, client.extract.list({ page_token: "edited" }));
});

claim("a job is cancelled once and deleted when it is over", async (world) => {
  const client = clientOf(world);
  await world.standStill();
  const job = await jobOf(client);
  await refused(409, client.extract.delete(job.id));
  const cancelled = await client.extract.cancel(job.id);
  assert.deepEqual([cancelled.id, cancelled.status, cancelled.extract_result], [job.id, "CANCELLED", null]);
  await refused(409, client.extract.cancel(job.id), "CANCELLED");
  assert.deepEqual(await world.statuses("extract.cancel"), [200, 409]);
  assert.deepEqual(await client.extract.delete(job.id), {});
  for (const id of [job.id, `ext-${ABSENT}`]) {
    await refused(404, client.extract.get(id), id);
    await refused(404, client.extract.delete(id), id);
    await refused(404, client.extract.cancel(id), id);
  }
});
