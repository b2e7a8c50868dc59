from doing import FORM, file_of, kept, known, refused
from documents import ABSENT, NOTES, ORDERS


def test_schemas_are_judged(client):
    assert known(client.extract.validate_schema(data_schema=NOTES)).data_schema == NOTES
    deep = {"type": "object", "properties": {"leaf": {"type": "string"}}}
    for _ in range(8):
        deep = {"type": "object", "properties": {"inner": deep}}
    wide = {"type": "object", "properties": {f"field_{number}": {"type": "string"} for number in range(5_001)}}
    wordy = {"type": "object", "properties": {"a": {"type": "string", "description": "a" * 120_001}}}
    for unusable in [{}, {"type": "array", "items": {}}, {"type": "nonsense"}, deep, wide, wordy]:
        refused(400, lambda: client.extract.validate_schema(data_schema=unusable))
    refused(422, lambda: client.extract.validate_schema(data_schema="{}"))


def test_a_schema_is_made_and_kept(client):
    file = file_of(client)
    for asked in [{"prompt": "The carrier and every plant"}, {"file_id": file.id}, {"data_schema": ORDERS, "name": "Orders"}]:
        made = known(client.extract.generate_schema(**asked))
        assert made.name == asked.get("name", made.name) and made.parameters.product_type == "extract_v2"
        saved = known(client.configurations.create(name=made.name, parameters=made.parameters.to_dict()))
        assert saved.parameters.data_schema == made.parameters.data_schema
        assert client.extract.run(file_input=file.id, configuration_id=saved.id).status == "COMPLETED"
    refused(404, lambda: client.extract.generate_schema(file_id=ABSENT), ABSENT)
    refused(422, lambda: client.extract.generate_schema(name="n" * 256, prompt="Anything"))


def test_a_configuration_is_kept_read_changed_and_deleted(world, client):
    made = kept(client, configuration={**FORM, "tier": "agentic", "cite_sources": True, "max_pages": 3})
    assert made.id.startswith("cfg-") and (made.name, made.product_type) == ("notes", "extract_v2") and made.version
    assert (made.parameters.data_schema, made.parameters.tier, made.parameters.max_pages) == (NOTES, "agentic", 3)
    configurations = client.configurations
    assert known(configurations.retrieve(made.id)) == made
    world.advance("1m")
    renamed = known(configurations.update(made.id, name="orders"))
    assert (renamed.id, renamed.name, renamed.parameters) == (made.id, "orders", made.parameters)
    changed = configurations.update(made.id, parameters={"product_type": "extract_v2", "data_schema": ORDERS})
    assert (changed.name, changed.parameters.data_schema) == ("orders", ORDERS)
    assert changed.parameters.max_pages is None and changed.updated_at > made.updated_at
    # The same name makes no second one.
    upserted = kept(client, "orders")
    assert (upserted.id, upserted.parameters.data_schema) == (made.id, NOTES)
    assert configurations.delete(made.id) is None
    refused(404, lambda: configurations.retrieve(made.id), made.id)
    refused(404, lambda: configurations.update(made.id, name="a"), made.id)
    refused(404, lambda: configurations.delete(made.id), made.id)
    assert list(configurations.list()) == []


def test_configurations_are_listed_by_every_filter(world, client):
    made = [kept(client, "a").id]
    world.advance("1s")
    made.append(kept(client, "b").id)
    world.advance("1s")
    made.append(client.configurations.create(name="a", parameters={"product_type": "unknown", "shift": "early"}).id)
    first, second, third = made

    def listed(**filters):
        return [known(configuration).id for configuration in client.configurations.list(**filters)]

    assert listed() == [third, second, first] == listed(page_size=1) == listed(latest_only=True)
    assert listed(product_type=["extract_v2"]) == [second, first]
    assert listed(product_type=["extract_v2", "unknown"]) == listed() and listed(product_type=["parse_v2"]) == []
    assert listed(name="a") == [third, first] and listed(name="a", product_type=["unknown"]) == [third]
    assert client.configurations.retrieve(third).parameters.to_dict() == {"product_type": "unknown", "shift": "early"}
    refused(422, lambda: client.configurations.list(product_type=["extract_v9"]))


def test_a_configuration_that_cannot_be_is_refused(client):
    made, other = kept(client), kept(client, "other")
    create, update = client.configurations.create, client.configurations.update
    refused(422, lambda: create(name="", parameters={"product_type": "extract_v2", **FORM}))
    refused(422, lambda: create(name="n" * 256, parameters={"product_type": "extract_v2", **FORM}))
    refused(422, lambda: create(name="a", parameters={**FORM}))
    refused(422, lambda: create(name="a", parameters={"product_type": "extract_v2"}))
    refused(400, lambda: create(name="a", parameters={"product_type": "extract_v2", "data_schema": {}}))
    refused(409, lambda: update(other.id, name="notes"))
    refused(400, lambda: update(other.id, parameters={"product_type": "unknown"}))
    refused(404, lambda: client.configurations.retrieve(f"cfg-{ABSENT}"), ABSENT)
    assert {configuration.id for configuration in client.configurations.list()} == {made.id, other.id}
    assert client.configurations.retrieve(other.id) == other


def test_agents_of_version_1_are_listed(world, client):
    made = []
    for name in ["a", "b", "c"]:
        body = {"name": name, "data_schema": NOTES, "config": {"extraction_mode": "FAST"}}
        agent = world.ask("POST", "/api/v1/extraction/extraction-agents", json=body).raise_for_status().json()
        made.insert(0, agent["id"])
        world.advance("1s")
    agents = client.extraction_agents
    assert [known(agent).id for agent in agents.list()] == made == [agent.id for agent in agents.list(page_size=1)]
    first = agents.list().items[0]
    assert (first.name, first.data_schema, first.config.extraction_mode) == ("c", NOTES, "FAST")
    default = world.ask("GET", "/api/v1/extraction/extraction-agents/default").raise_for_status().json()
    assert [agent.id for agent in agents.list()] == made
    assert {agent.id for agent in agents.list(include_default=True)} == {*made, default["id"]}
    refused(422, lambda: agents.list(page_size=1_001))


def test_projects_are_read(client):
    (project,) = client.projects.list()
    assert known(project).is_default and known(client.projects.get(project.id)) == project
    (same,) = client.v2_projects.list(name=project.name, organization_id=project.organization_id)
    assert (known(same).id, same.name) == (project.id, project.name)
    assert known(client.v2_projects.get(project.id)).id == project.id
    assert list(client.v2_projects.list(name="another")) == []
    refused(404, lambda: client.projects.get(ABSENT), ABSENT)
    refused(404, lambda: client.v2_projects.get(ABSENT), ABSENT)
