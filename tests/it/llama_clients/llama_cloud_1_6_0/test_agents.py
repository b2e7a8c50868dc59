import json

from doing import FAST, agent_of, file_of, refused, valid
from documents import ABSENT, NOTES, ORDERS


def test_an_agent_is_created_read_changed_and_deleted(client):
    agents = client.extraction.extraction_agents
    made = agent_of(client)
    assert (made.name, made.data_schema, made.config.extraction_mode) == ("notes", NOTES, "FAST")
    # What was not asked for has its default.
    assert (made.config.extraction_target, made.config.chunk_mode, made.config.cite_sources) == ("PER_DOC", "PAGE", False)
    assert valid(agents.get(made.id)) == made
    config = {"extraction_target": "PER_TABLE_ROW", "extraction_mode": "PREMIUM", "page_range": "1,3-5", "use_reasoning": True}
    changed = valid(agents.update(made.id, data_schema=json.dumps(ORDERS), config=config))
    assert (changed.id, changed.name, changed.data_schema, changed.created_at) == (made.id, "notes", ORDERS, made.created_at)
    assert {name: getattr(changed.config, name) for name in config} == config
    assert agents.get(made.id) == changed
    assert agents.delete(made.id) == {}
    refused(404, lambda: agents.get(made.id), made.id)
    refused(404, lambda: agents.update(made.id, data_schema=NOTES, config=FAST), made.id)
    refused(404, lambda: agents.delete(made.id), made.id)
    assert agents.list() == []


def test_without_settings_an_agent_has_the_defaults(client):
    config = agent_of(client, config={}).config
    assert (config.extraction_mode, config.extraction_target, config.chunk_mode) == ("PREMIUM", "PER_DOC", "PAGE")
    assert (config.page_range, config.priority, config.extract_model, config.system_prompt) == (None, None, None, None)


def test_agents_are_listed_newest_first(world, client):
    made = []
    for name in ["a", "b", "c"]:
        made.insert(0, agent_of(client, name))
        world.advance("1s")
    agents = client.extraction.extraction_agents
    assert [valid(agent) for agent in agents.list()] == made
    assert agents.list(project_id=made[0].project_id) == made
    # What is done without an agent is done with the default one.
    client.extraction.run(data_schema=NOTES, config=FAST, text="Nine crates")
    listed = agents.list(include_default=True)
    assert [agent.custom_configuration for agent in listed] == ["default", None, None, None]
    assert agents.list() == made


def test_a_name_is_given_once(world, client):
    agent_of(client)
    refused(409, lambda: agent_of(client), "notes")
    # By itself this client tries a conflict three times.
    assert [entry["status"] for entry in world.requests("extraction-agents.create")] == [200, 409]


def test_schemas_are_judged_and_made(client):
    schema = client.extraction.extraction_agents.schema
    assert valid(schema.validate_schema(data_schema=NOTES)).data_schema == NOTES
    assert schema.validate_schema(data_schema=json.dumps(NOTES)).data_schema == NOTES
    deep = {"type": "object", "properties": {"leaf": {"type": "string"}}}
    for _ in range(8):
        deep = {"type": "object", "properties": {"inner": deep}}
    wide = {"type": "object", "properties": {f"field_{number}": {"type": "string"} for number in range(5_001)}}
    for unusable in [{}, {"type": "array", "items": {}}, {"type": "nonsense"}, deep, wide]:
        refused(400, lambda: schema.validate_schema(data_schema=unusable))
        refused(400, lambda: agent_of(client, "other", unusable))
    refused(422, lambda: schema.validate_schema(data_schema=7))
    file = file_of(client)
    for asked in [{"prompt": "The carrier and every plant"}, {"file_id": file.id}, {"data_schema": ORDERS, "prompt": "Dates"}]:
        made = valid(schema.generate_schema(**asked)).data_schema
        assert made["type"] == "object" and made["properties"]
        assert schema.validate_schema(data_schema=made).data_schema == made
    refused(404, lambda: schema.generate_schema(file_id=ABSENT), ABSENT)


def test_settings_that_cannot_be_are_named(client):
    for setting in [
        {"extraction_mode": "PER_DOC"}, {"extraction_target": "PER_WORD"}, {"chunk_mode": "WORD"}, {"priority": "later"},
        {"num_pages_context": 0}, {"parse_model": "none"},
    ]:  # fmt: skip
        (name,) = setting
        (entry,) = refused(422, lambda: agent_of(client, config=setting))
        assert entry["loc"][:3] == ["body", "config", name]
    (entry,) = refused(422, lambda: agent_of(client, name="n" * 3_001))
    assert entry["loc"] == ["body", "name"]
    (entry,) = refused(422, lambda: client.extraction.extraction_agents.get("no-uuid"))
    assert (entry["loc"], entry["type"]) == (["path", "extraction_agent_id"], "uuid_parsing")


def test_projects_are_read(client):
    (project,) = client.projects.list()
    assert valid(project).is_default and valid(client.projects.get(project.id)) == project
    assert client.projects.list(project_name=project.name, organization_id=project.organization_id) == [project]
    assert client.projects.list(project_name="another") == []
    refused(404, lambda: client.projects.get(ABSENT), ABSENT)
