// What a test has to itself: a key, the control plane of the key's world, and what all suites look for.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";

const base = process.env.REHEARSAL_URL;
// Longer than any extraction lasts by itself, in the world's time.
const A_WHILE = "10m";

export const NOTE = Buffer.from("Hollow Lane Freight left 14 crates at the north gate.\n");
// No member is required: what is missing shows.
export const NOTES = {
  type: "object",
  properties: {
    carrier: { type: "string", description: "Who brought it" },
    crates: { type: "integer", description: "How many were left" },
    signed: { type: "boolean" },
    gate: { type: "string" },
    plants: {
      type: "array",
      items: { type: "object", properties: { species: { type: "string" }, count: { type: "integer" } } },
    },
  },
};
export const ORDERS = {
  type: "object",
  properties: { customer: { type: "string" }, total: { type: "number" } },
  required: ["customer", "total"],
};
export const ABSENT = "5d0c7e34-8a1b-4f26-9c53-2be7a9410d68";

export class World {
  #closing = [];

  constructor(key) {
    this.base = base;
    this.key = key;
  }

  // What is to be done when the test is over.
  closing(close) {
    this.#closing.push(close);
  }

  async close() {
    for (const close of this.#closing.reverse()) await close();
  }

  // What the client of the suite has no call for.
  async ask(method, path, body) {
    const headers = { authorization: `Bearer ${this.key}`, "content-type": "application/json" };
    const answer = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
    return answer.json();
  }

  async control(method, path, body, query = {}) {
    const search = new URLSearchParams({ key: this.key, ...query });
    const content = typeof body === "object" ? JSON.stringify(body) : body;
    const answer = await fetch(`${base}/_rehearsal/${path}?${search}`, { method, body: content });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  standStill() {
    return this.control("PATCH", "clock", { mode: "manual" });
  }

  goOn() {
    return this.control("PATCH", "clock", { mode: "scaled", rate: 60 });
  }

  advance(time = A_WHILE) {
    return this.control("PATCH", "clock", { advance: time });
  }

  // What a look shows from now on, in small steps of the world's time, until it is the last thing to be seen.
  async seen(look, last, step = "200ms", steps = 1_000) {
    const shown = [await look()];
    for (let taken = 0; shown.at(-1) !== last && taken < steps; taken += 1) {
      await this.advance(step);
      const now = await look();
      if (now !== shown.at(-1)) shown.push(now);
    }
    return shown;
  }

  // Begins this world again by a scenario.
  scenario(text) {
    return this.control("PUT", "scenario", `version: 1\n${text}`, { reset: "true" });
  }

  // From here on this goes wrong, the first time unless it says otherwise.
  fault(operation, fault) {
    const match = { operation: `llama-extract.${operation}` };
    return this.control("POST", "faults", { match, when: { first: 1 }, ...fault });
  }

  // The statuses with which an operation was answered, in order.
  async statuses(operation) {
    const query = { operation: `llama-extract.${operation}`, limit: "1000" };
    return (await this.control("GET", "requests", undefined, query)).requests.map((entry) => entry.status);
  }

  // What was answered well, by the contract's names; nothing, if no request was let in with the test's key.
  async operations() {
    const there = await fetch(`${base}/_rehearsal/clock?${new URLSearchParams({ key: this.key })}`);
    if (!there.ok) return [];
    const { requests } = await this.control("GET", "requests", undefined, { limit: "1000" });
    const well = requests.filter(({ operation, status }) => operation && status && status < 300);
    return well.map(({ operation }) => operation.replace("llama-extract.", ""));
  }

  // An endpoint on this machine that keeps what it is sent, and gives out what is fetched.
  async listening(fetched = "") {
    const waiting = [];
    const deliveries = [];
    const server = createServer((request, response) => {
      const chunks = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => {
        response.end(request.method === "GET" ? fetched : "");
        if (request.method !== "POST") return;
        const delivery = { headers: request.headers, raw: Buffer.concat(chunks) };
        const waits = waiting.shift();
        if (waits) waits(delivery);
        else deliveries.push(delivery);
      });
    });
    await new Promise((listens) => server.listen(0, "127.0.0.1", listens));
    this.closing(() => {
      server.closeAllConnections();
      server.close();
    });
    const next = () => {
      const delivery = deliveries.shift();
      if (delivery) return delivery;
      return new Promise((waits, fails) => {
        const late = setTimeout(() => fails(new Error("nothing was delivered")), 10_000);
        waiting.push((delivery) => {
          clearTimeout(late);
          waits(delivery);
        });
      });
    };
    return { url: `http://127.0.0.1:${server.address().port}/hooks`, next };
  }
}

// A function that tries a claim in a world of its own. When all have been tried it says what was: `operations` are those
// that the client has a call for, by the contract's names.
export function suite(name, folder, operations) {
  const known = new Set(operations.trim().split(/\s+/));
  const called = new Set();
  let passed = 0;
  after(() => {
    const left = [...known].filter((operation) => !called.has(operation));
    const took = `in ${(performance.now() / 1000).toFixed(1)} s`;
    const count = `${known.size - left.length} of ${known.size} operations called`;
    console.log(`${name}: ${passed} tests passed ${took}, ${count}, left: ${left.sort().join(", ") || "none"}`);
  });
  return (claim, tried) =>
    test(claim, async () => {
      const key = `test-${folder}-${claim}`.toLowerCase().replace(/[^a-z0-9]+/g, "-");
      const world = new World(key);
      try {
        await tried(world);
        passed += 1;
      } finally {
        for (const operation of await world.operations()) called.add(operation);
        await world.close();
      }
    });
}

const TYPES = { string: "string", integer: "number", number: "number", boolean: "boolean", object: "object" };

// The members that are not there, or null; all others were seen to be of the schema's form.
export function missing(data, schema) {
  assert.ok(data && typeof data === "object" && !Array.isArray(data), JSON.stringify(data));
  for (const [name, value] of Object.entries(data)) {
    const part = schema.properties[name];
    assert.ok(part, `${name} is not asked for`);
    if (value === null) continue;
    if (part.type === "array") value.forEach((entry) => missing(entry, part.items));
    else assert.equal(typeof value, TYPES[part.type], name);
    if (part.type === "integer") assert.ok(Number.isInteger(value));
  }
  return Object.keys(schema.properties).filter((name) => data[name] === undefined || data[name] === null);
}

// The same data, once it was seen to fit and to leave nothing out.
export function whole(data, schema) {
  assert.deepEqual(missing(data, schema), [], JSON.stringify(data));
  return data;
}

// What stands at an address, without any key.
export async function fetched(url) {
  const answer = await fetch(url);
  assert.ok(answer.ok, `${url}: ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}
