import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ABSENT, fetched, NOTE } from "../world.mjs";
import { claim, clientOf, everything, fileOf, idsOf, published, refused } from "./doing.mjs";

claim("a file comes in any form", async (world) => {
  const client = clientOf(world);
  const folder = await mkdtemp(join(tmpdir(), "llama-"));
  world.closing(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "note.md"), NOTE);
  const { toFile } = published;
  for (const [form, name] of [
    [new File([NOTE], "note.pdf"), "note.pdf"],
    [createReadStream(join(folder, "note.md")), "note.md"],
    [await toFile(NOTE, "note.csv", { type: "text/csv" }), "note.csv"],
    [await toFile(new Uint8Array(NOTE), "note.html"), "note.html"],
    [new Response(NOTE), undefined],
  ]) {
    const made = await client.files.create({ file: form, purpose: "extract" });
    if (name) assert.deepEqual([made.name, made.file_type], [name, name.slice(5)]);
    assert.deepEqual([made.purpose, made.external_file_id, made.download_url], ["extract", null, null]);
    for (const id of [made.id, `dfl-${made.id}`]) {
      assert.deepEqual(await client.files.retrieve(id), made);
      const { url } = await client.files.content(id, { expires_at_seconds: 600 });
      assert.deepEqual(await fetched(url), NOTE);
    }
    const { download_url: download } = await client.files.retrieve(made.id, { expand: ["download_url"] });
    assert.deepEqual(await fetched(download.url), NOTE);
  }
});

claim("files are listed by every filter", async (world) => {
  const client = clientOf(world);
  const made = [];
  for (const [name, external_file_id] of [["b.txt", "gate/1"], ["a.txt", "gate/2"], ["b.txt", "gate/3"]]) {
    made.push((await fileOf(client, name, NOTE, { external_file_id })).id);
    await world.advance("1s");
  }
  const [first, second, third] = made;
  const listed = (query) => idsOf(client.files.list(query));
  const queried = async (filter) => (await client.files.query({ filter })).items.map(({ id }) => id);
  assert.deepEqual(await listed(), [third, second, first]);
  assert.deepEqual(await listed({ page_size: 2 }), [third, second, first]);
  for (const [filter, ids] of [
    [{ file_name: "b.txt" }, [third, first]],
    [{ external_file_id: "gate/2" }, [second]],
    [{ file_ids: [first, third] }, [third, first]],
    [{ file_name: "b.txt", external_file_id: "gate/2" }, []],
  ]) {
    assert.deepEqual(await listed(filter), ids);
    assert.deepEqual(new Set(await queried(filter)), new Set(ids));
  }
  assert.equal((await listed({ order_by: "name" }))[0], second);
  assert.deepEqual(await listed({ order_by: "id" }), [...made].sort());
  for (const { download_url: download } of await everything(client.files.list({ expand: ["download_url"] }))) {
    assert.deepEqual(await fetched(download.url), NOTE);
  }
  await refused(400, client.files.list({ page_token: "edited" }));
  await refused(422, client.files.list({ page_size: 1_001 }));
});

claim("a deleted file is gone", async (world) => {
  const client = clientOf(world);
  const { id } = await fileOf(client);
  await client.files.delete(id);
  for (const gone of [id, ABSENT]) {
    await refused(404, client.files.retrieve(gone), gone);
    await refused(404, client.files.content(gone), gone);
    await refused(404, client.files.delete(gone), gone);
  }
  assert.deepEqual(await idsOf(client.files.list()), []);
});

claim("what a form gets wrong is named", async (world) => {
  const client = clientOf(world);
  const [{ loc }] = await refused(422, client.files.create({ file: new File([NOTE], "note.txt"), purpose: "fun" }));
  assert.deepEqual(loc, ["body", "purpose"]);
});
