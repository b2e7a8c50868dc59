import assert from "node:assert/strict";
import { createHmac } from "node:crypto";

import { missing, NOTES } from "../world.mjs";
import { claim, clientOf, everything, fileOf, FORM, jobOf, refused } from "./doing.mjs";

async function runOf(client, name, options) {
  return client.extract.run({ file_input: (await fileOf(client, name)).id, configuration: FORM }, options);
}

claim("a failed extraction throws with its reason", async (world) => {
  const client = clientOf(world);
  await assert.rejects(runOf(client, "fails.pdf"), { name: "PollingError", message: /status: FAILED \| Error: ./ });
  const [job] = await everything(client.extract.list({ status: "FAILED" }));
  assert.ok(job.error_message && job.extract_result === null);
});

claim("partial and empty files bring less", async (world) => {
  const client = clientOf(world);
  const partial = await runOf(client, "partial.pdf");
  assert.ok(partial.status === "COMPLETED" && missing(partial.extract_result, NOTES).length > 0);
  const { extract_result: data } = await runOf(client, "empty.pdf");
  assert.ok(Object.values(data).every((value) => !value || value.length === 0));
});

claim("a stuck extraction is given up, and can be cancelled", async (world) => {
  const client = clientOf(world);
  const file = await fileOf(client, "stuck.pdf");
  const job = await jobOf(client, file);
  const wait = (options) => client.extract.waitForCompletion(job.id, {}, options);
  await assert.rejects(wait({ timeout: 0.5 }), { name: "PollingTimeoutError" });
  await client.extract.cancel(job.id);
  await assert.rejects(wait(), { name: "PollingError", message: /status: CANCELLED/ });
});

claim("keys that are none are refused", async (world) => {
  await refused(401, clientOf(world, { apiKey: "invalid-key" }).extract.list(), "Invalid API Key");
  await refused(403, clientOf(world, { apiKey: "forbidden-key" }).extract.list());
});

claim("what may pass is asked again", async (world) => {
  const client = clientOf(world);
  for (const [status, operation, call] of [
    [408, "files.create", () => fileOf(client)],
    [503, "extract.create", () => jobOf(client)],
    [500, "extract.list", () => client.extract.list()],
  ]) {
    await world.fault(operation, { respond: { status } });
    await call();
    const statuses = await world.statuses(operation);
    assert.ok(statuses.length === 2 && statuses[0] === status && statuses[1] < 300, String(statuses));
  }
});

claim("a limit is waited for as long as it says", async (world) => {
  const client = clientOf(world);
  // A minute of the world is a second of the client.
  await world.fault("extract.list", { respond: { error: "rate-limited", "retry-after": "2m" } });
  const began = Date.now();
  await client.extract.list();
  const waited = Date.now() - began;
  assert.ok(waited >= 1_900 && waited < 10_000, String(waited));
});

claim("a rate limit of the account is told", async (world) => {
  await world.scenario("account: { apis: { llama-extract: { rate-limit: { requests: 3, per: 1m } } } }");
  await world.standStill();
  const client = clientOf(world, { maxRetries: 0 });
  for (let number = 0; number < 3; number += 1) await client.extract.list();
  await refused(429, client.extract.list());
  const { headers } = await client.extract.list().catch((error) => error);
  assert.ok(Number(headers.get("retry-after")) >= 1);
  await world.advance("1m");
  await client.extract.list();
});

claim("an outage that stays is told", async (world) => {
  const client = clientOf(world, { maxRetries: 1 });
  await world.fault("extract.list", { when: { first: 2 }, respond: { error: "unavailable" } });
  await refused(503, client.extract.list());
  assert.deepEqual((await client.extract.list()).items, []);
});

claim("whoever listens is told, and no one who did not ask", async (world) => {
  const client = clientOf(world);
  const endpoint = await world.listening();
  const hook = { webhook_url: endpoint.url, webhook_headers: { "x-gate": "north" }, webhook_events: ["extract.error"] };
  // Types of this version have no secret; what is sent is read all the same.
  hook.webhook_signing_secret = "planting";
  await jobOf(client, await fileOf(client), FORM, { webhook_configurations: [hook] });
  const failing = await jobOf(client, await fileOf(client, "fails.txt"), FORM, { webhook_configurations: [hook] });
  await world.advance();
  const { headers, raw } = await endpoint.next();
  const told = JSON.parse(raw);
  assert.deepEqual([told.event_type, told.data.job_id, headers["x-gate"]], ["extract.error", failing.id, "north"]);
  const signature = createHmac("sha256", "planting").update(raw).digest("hex");
  assert.equal(headers["lc-signature"], `sha256=${signature}`);
});
