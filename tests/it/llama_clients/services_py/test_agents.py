import pytest
from doing import fern, refused
from documents import ABSENT, NOTES, ORDERS
from llama_cloud import ExtractConfig
from pydantic import BaseModel, Field


class Order(BaseModel):
    customer: str = Field(description="Who ordered")
    total: float


def test_an_agent_is_created_found_and_deleted(world, client):
    made = client.create_agent("notes", NOTES)
    assert (made.name, made.data_schema) == ("notes", NOTES)
    assert (made.config.extraction_mode, made.config.extraction_target) == ("MULTIMODAL", "PER_DOC")
    assert made.config.chunk_mode == "PAGE" and made.config.cite_sources is False
    for found in [client.get_agent(id=made.id), client.get_agent(name="notes")]:
        assert found._agent == made._agent
    (listed,) = client.list_agents()
    assert listed._agent == made._agent
    assert client.delete_agent(made.id) is None
    refused(404, lambda: client.get_agent(id=made.id), made.id)
    refused(404, lambda: client.get_agent(name="notes"), "notes")
    refused(404, lambda: client.delete_agent(made.id), made.id)
    assert client.list_agents() == []


def test_agents_are_listed_newest_first(world, client):
    names = ["a", "b", "c"]
    for name in names:
        client.create_agent(name, NOTES)
        world.advance("1s")
    assert [agent.name for agent in client.list_agents()] == names[::-1]
    project = client.list_agents()[0]._agent.project_id
    mine = world.another(project_id=project)
    assert [agent.name for agent in mine.list_agents()] == names[::-1] and mine.get_agent(name="b").name == "b"


def test_a_schema_may_be_a_model(client):
    made = client.create_agent("orders", Order, ExtractConfig(extraction_mode="FAST", system_prompt="Be brief."))
    assert made.data_schema == Order.model_json_schema()
    assert (made.config.extraction_mode, made.config.system_prompt) == ("FAST", "Be brief.")
    made.data_schema = Order
    assert made.data_schema == Order.model_json_schema()


def test_a_changed_agent_is_saved(client):
    made = client.create_agent("notes", NOTES)
    made.data_schema = ORDERS
    made.config = ExtractConfig(extraction_mode="BALANCED", extraction_target="PER_PAGE", page_range="1,3-5")
    assert client.get_agent(id=made.id).data_schema == NOTES
    made.save()
    found = client.get_agent(id=made.id)
    assert found.data_schema == ORDERS
    assert (found.config.extraction_mode, found.config.extraction_target) == ("BALANCED", "PER_PAGE")
    assert found.config.page_range == "1,3-5"
    # What was read is sent back whole.
    found.save()
    assert client.get_agent(id=made.id)._agent.config == found.config


def test_every_setting_is_kept(client):
    config = ExtractConfig(
        chunk_mode="SECTION", cite_sources=True, confidence_scores=True, extract_model="gemini-2.5-pro",
        extraction_mode="PREMIUM", extraction_target="PER_TABLE_ROW", high_resolution_mode=True, invalidate_cache=True,
        num_pages_context=2, page_range="2-4", parse_model="openai-gpt-4o", priority="low", system_prompt="Only tables.",
        use_reasoning=True,
    )  # fmt: skip
    with pytest.warns(Warning, match="cite_sources"):
        made = client.create_agent("all", NOTES, config)
    told = made.config.dict()
    assert {name: told.get(name) for name in config.dict()} == config.dict()


def test_a_name_is_given_once(world, client):
    client.create_agent("notes", NOTES)
    refused(409, lambda: client.create_agent("notes", NOTES), "notes")
    # This client asks nothing again that was a conflict.
    assert [entry["status"] for entry in world.requests("extraction-agents.create")] == [200, 409]


def test_a_schema_that_cannot_be_used_is_refused(client):
    made = client.create_agent("notes", NOTES)
    for schema in [{}, {"type": "array", "items": {"type": "string"}}, {"type": "nonsense"}]:
        refused(400, lambda: client.create_agent("other", schema))
        with pytest.raises(Exception) as caught:
            made.data_schema = schema
        assert caught.value.status_code == 400
    assert made.data_schema == NOTES and len(client.list_agents()) == 1


def test_names_and_ids_that_cannot_be_are_named(client):
    (entry,) = refused(422, lambda: client.create_agent("", NOTES))
    assert entry.loc == ["body", "name"]
    (entry,) = refused(422, lambda: client.get_agent(id="no-uuid"))
    assert (entry.loc, entry.type) == (["path", "extraction_agent_id"], "uuid_parsing")
    refused(404, lambda: client.get_agent(id=ABSENT), ABSENT)


def test_a_name_with_spaces_and_letters_of_others_is_found(client):
    for name in ["Lieferscheine für Gärtner", "100% sure", "a+b&c=d"]:
        made = client.create_agent(name, NOTES)
        if "%" not in name:  # which this client sends as it is
            assert client.get_agent(name=name).id == made.id


def test_the_default_agent_is_one(world, client):
    extract = fern(world).llama_extract
    made = extract.get_or_create_default_extraction_agent()
    assert made.custom_configuration == "default" and made == extract.get_or_create_default_extraction_agent()
    assert client.list_agents() == []
    assert extract.list_extraction_agents(include_default=True) == [made]


def test_schemas_are_judged_and_made(world):
    extract = fern(world).llama_extract
    assert extract.validate_extraction_schema(data_schema=NOTES).data_schema == NOTES
    for asked in [{"prompt": "The carrier and every plant"}, {"data_schema": ORDERS, "prompt": "And the date"}]:
        made = extract.generate_extraction_schema(**asked).data_schema
        assert made["type"] == "object" and made["properties"]
        assert extract.validate_extraction_schema(data_schema=made).data_schema == made
    refused(404, lambda: extract.generate_extraction_schema(file_id=ABSENT), ABSENT)


def test_projects_and_organizations_are_read(world, client):
    cloud = fern(world)
    (project,) = cloud.projects.list_projects()
    assert project.is_default and cloud.projects.get_project(project.id) == project
    assert cloud.projects.list_projects(project_name=project.name) == [project]
    assert cloud.projects.list_projects(project_name="another") == []
    (organization,) = cloud.organizations.list_organizations()
    assert organization.id == project.organization_id
    assert cloud.organizations.get_organization(organization.id).name == organization.name
    assert client.create_agent("notes", NOTES)._agent.project_id == project.id
