from doing import PER_DOC, PER_PAGE, agent_of, ended, refused
from documents import ABSENT, NOTES, ORDERS
from llama_cloud import ExtractConfig


def test_an_agent_is_created_read_changed_and_deleted(client):
    extract = client.llama_extract
    made = agent_of(client)
    assert (made.name, made.data_schema, made.config.extraction_mode) == ("notes", NOTES, "PER_DOC")
    assert made.created_at and made.updated_at and made.config.handle_missing is False
    assert extract.get_extraction_agent(made.id) == made
    config = ExtractConfig(extraction_mode="PER_PAGE", handle_missing=True, system_prompt="Only what is written.")
    changed = extract.update_extraction_agent(made.id, data_schema=ORDERS, config=config)
    assert (changed.id, changed.name, changed.data_schema, changed.created_at) == (made.id, "notes", ORDERS, made.created_at)
    assert changed.config == config and changed.updated_at >= made.updated_at
    assert extract.get_extraction_agent(made.id) == changed
    assert extract.delete_extraction_agent(made.id) == {}
    refused(404, lambda: extract.get_extraction_agent(made.id), made.id)
    refused(404, lambda: extract.delete_extraction_agent(made.id), made.id)
    assert extract.list_extraction_agents() == []


def test_agents_are_listed_newest_first_and_by_name(world, client):
    made = []
    for name in ["a", "b", "b again"]:
        made.append(agent_of(client, name))
        world.advance("1s")
    extract = client.llama_extract
    assert [agent.id for agent in extract.list_extraction_agents()] == [agent.id for agent in reversed(made)]
    assert extract.list_extraction_agents(name="b") == [made[1]]
    assert extract.list_extraction_agents(name="c") == []
    assert extract.list_extraction_agents(project_id=made[0].project_id) == extract.list_extraction_agents()


def test_a_name_is_given_once(client):
    agent_of(client)
    refused(409, lambda: agent_of(client), "notes")
    assert len(client.llama_extract.list_extraction_agents()) == 1


def test_a_schema_that_cannot_be_used_is_refused(client):
    made = agent_of(client)
    for schema in [{}, {"type": "array", "items": {"type": "string"}}, {"type": "nonsense"}]:
        refused(400, lambda: agent_of(client, "other", schema))
        refused(400, lambda: client.llama_extract.update_extraction_agent(made.id, data_schema=schema, config=PER_DOC))
    assert client.llama_extract.list_extraction_agents() == [made]


def test_what_is_not_there_is_not_found(client):
    extract = client.llama_extract
    refused(404, lambda: extract.get_extraction_agent(ABSENT), ABSENT)
    refused(404, lambda: extract.update_extraction_agent(ABSENT, data_schema=NOTES, config=PER_DOC), ABSENT)
    refused(404, lambda: extract.get_job(ABSENT), ABSENT)
    refused(404, lambda: extract.get_job_result(ABSENT), ABSENT)


def test_an_id_that_is_no_uuid_is_named(client):
    for call in [client.llama_extract.get_extraction_agent, client.llama_extract.get_job]:
        (entry,) = refused(422, lambda: call("no-uuid"))
        assert entry.loc[0] == "path" and entry.type == "uuid_parsing"
    (entry,) = refused(422, lambda: client.llama_extract.list_jobs(extraction_agent_id="no-uuid"))
    assert entry.loc == ["query", "extraction_agent_id"]


def test_agents_of_the_later_address_are_shown_in_the_terms_of_this_one(world, client):
    for target, mode in {"PER_DOC": "PER_DOC", "PER_PAGE": "PER_PAGE", "PER_TABLE_ROW": "PER_PAGE"}.items():
        config = {"extraction_target": target, "extraction_mode": "FAST"}
        body = {"name": target, "data_schema": NOTES, "config": config}
        made = world.ask("POST", "/api/v1/extraction/extraction-agents", json=body).json()
        assert client.llama_extract.get_extraction_agent(made["id"]).config.extraction_mode == mode
    agent = agent_of(client, config=PER_PAGE)
    later = world.ask("GET", f"/api/v1/extraction/extraction-agents/{agent.id}").json()
    assert later["config"]["extraction_target"] == "PER_PAGE"


def test_projects_and_organizations_are_read(client):
    (project,) = client.projects.list_projects()
    assert project.is_default and client.projects.get_project(project.id) == project
    (organization,) = client.organizations.list_organizations()
    assert organization.id == project.organization_id
    assert client.organizations.get_organization(organization.id).name == organization.name
    assert agent_of(client).project_id == project.id
    refused(404, lambda: client.projects.get_project(ABSENT))


def test_an_agent_that_is_deleted_leaves_its_runs(world, client):
    agent = agent_of(client)
    job = ended(world, agent)
    client.llama_extract.delete_extraction_agent(agent.id)
    (run,) = client.llama_extract.list_extract_runs(job_id=job.id)
    assert run.extraction_agent_id == agent.id
