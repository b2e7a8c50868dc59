import assert from "node:assert/strict";

import { ABSENT, NOTES, ORDERS, whole } from "../world.mjs";
import { claim, clientOf, everything, fileOf, FORM, idsOf, ORDER_FORM, refused } from "./doing.mjs";

claim("schemas are judged, made and kept", async (world) => {
  const client = clientOf(world);
  assert.deepEqual(await client.extract.validateSchema({ data_schema: NOTES }), { data_schema: NOTES });
  for (const unusable of [{}, { type: "array", items: {} }, { type: "nonsense" }]) {
    await refused(400, client.extract.validateSchema({ data_schema: unusable }));
  }
  const file = await fileOf(client);
  for (const asked of [{ prompt: "Every plant" }, { file_id: file.id }, { data_schema: ORDERS, name: "Orders" }]) {
    const made = await client.extract.generateSchema(asked);
    assert.equal(made.name, asked.name ?? made.name);
    const saved = await client.configurations.create(made);
    assert.deepEqual(saved.parameters.data_schema, made.parameters.data_schema);
  }
  await refused(404, client.extract.generateSchema({ file_id: ABSENT }), ABSENT);
});

claim("a configuration is kept, used, changed and deleted", async (world) => {
  const client = clientOf(world);
  const parameters = { product_type: "extract_v2", ...ORDER_FORM, tier: "agentic", max_pages: 3 };
  const made = await client.configurations.create({ name: "orders", parameters });
  assert.match(made.id, /^cfg-/);
  assert.deepEqual([made.name, made.product_type], ["orders", "extract_v2"]);
  const { data_schema: schema, tier, max_pages: pages } = made.parameters;
  assert.deepEqual([schema, tier, pages], [ORDERS, "agentic", 3]);
  assert.deepEqual(await client.configurations.retrieve(made.id), made);
  const job = await client.extract.run({ file_input: (await fileOf(client)).id, configuration_id: made.id });
  whole(job.extract_result, ORDERS);
  assert.equal(job.configuration_id, made.id);
  const renamed = await client.configurations.update(made.id, { name: "renamed" });
  assert.deepEqual([renamed.id, renamed.name, renamed.parameters], [made.id, "renamed", made.parameters]);
  // The same name makes no second one.
  const again = await client.configurations.create({ name: "renamed", parameters: { product_type: "extract_v2", ...FORM } });
  assert.deepEqual([again.id, again.parameters.data_schema], [made.id, NOTES]);
  await client.configurations.delete(made.id);
  await refused(404, client.configurations.retrieve(made.id), made.id);
  await refused(404, client.configurations.update(made.id, { name: "a" }), made.id);
  await refused(404, client.configurations.delete(made.id), made.id);
  const used = await client.extract.get(job.id, { expand: ["configuration"] });
  assert.deepEqual(used.configuration.data_schema, ORDERS);
});

claim("configurations are listed by every filter", async (world) => {
  const client = clientOf(world);
  const made = [];
  for (const [name, parameters] of [
    ["a", { product_type: "extract_v2", ...FORM }],
    ["b", { product_type: "extract_v2", ...FORM }],
    ["a", { product_type: "unknown", shift: "early" }],
  ]) {
    made.unshift((await client.configurations.create({ name, parameters })).id);
    await world.advance("1s");
  }
  const listed = (query) => idsOf(client.configurations.list(query));
  assert.deepEqual(await listed(), made);
  assert.deepEqual(await listed({ page_size: 1, latest_only: true }), made);
  assert.deepEqual(await listed({ product_type: ["extract_v2"] }), made.slice(1));
  assert.deepEqual(await listed({ product_type: ["extract_v2", "unknown"] }), made);
  assert.deepEqual(await listed({ name: "a", product_type: ["unknown"] }), made.slice(0, 1));
  await refused(422, client.configurations.create({ name: "", parameters: { product_type: "extract_v2", ...FORM } }));
  const taken = client.configurations.update(made[1], { name: "a" });
  await refused(409, taken, "a");
});

claim("projects are read", async (world) => {
  const client = clientOf(world);
  const [project] = await client.projects.list();
  assert.ok(project.is_default);
  assert.deepEqual(await client.projects.get(project.id), project);
  const [same] = await everything(client.v2Projects.list({ organization_id: project.organization_id }));
  assert.deepEqual([same.id, (await client.v2Projects.get(project.id)).name], [project.id, project.name]);
  await refused(404, client.projects.get(ABSENT), ABSENT);
});
