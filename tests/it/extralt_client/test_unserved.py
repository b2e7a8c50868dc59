import extralt
import pytest
from world import all_of

FROM, TO = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"
MARKET = {"country": "US", "currency": "USD", "condition": "new"}
STRETCH = {"from_": FROM, "to": TO, **MARKET}


async def opened(manager):
    async with manager:
        pass


# What is known and not stood in for, by the client's names.
CALLS = {
    "run_query": lambda it: it.query.run("SELECT 1"),
    "export_query": lambda it: opened(it.query.export("SELECT 1")),
    "get_query_model": lambda it: it.query.model(),
    "get_overview": lambda it: it.explore.overview.get(),
    "get_facets": lambda it: it.explore.facets.get(),
    "get_activity": lambda it: it.explore.activity.get(from_=FROM, bucket="day"),
    "list_activity_events": lambda it: it.explore.activity.events(from_=FROM, kind="restocked"),
    "list_stores": lambda it: it.explore.stores.list(),
    "lookup_entities": lambda it: it.explore.entities.lookup(kind="store"),
    "get_relationships": lambda it: it.explore.relationships.get(),
    "list_changes": lambda it: all_of(it.explore.changes.list(window="1d")),
    "list_market_variants": lambda it: all_of(it.explore.markets.list()),
    "get_variant": lambda it: it.explore.variants.get("1"),
    "list_variant_offers": lambda it: all_of(it.explore.variants.offers("1")),
    "list_variant_history": lambda it: all_of(it.explore.variants.history("1", **STRETCH)),
    "get_variant_price_series": lambda it: it.explore.variants.price_series("1", **STRETCH),
    "analyze_price_position": lambda it: all_of(
        it.explore.analyses.price_position(reference_store_id="1", **MARKET)
    ),
    "analyze_price_movements": lambda it: all_of(
        it.explore.analyses.price_movements(from_=FROM, country="US", currency="USD")
    ),
    "analyze_availability_changes": lambda it: all_of(
        it.explore.analyses.availability_changes(from_=FROM, country="US")
    ),
    "analyze_assortment_overlap": lambda it: all_of(
        it.explore.analyses.assortment_overlap(reference_store_id="1", comparison_store_id="2", country="US")
    ),
}


@pytest.mark.parametrize("operation", CALLS)
async def test_what_is_not_stood_in_for_says_so(operation, world):
    # Not for want of trying: the client takes 501 for final.
    with pytest.raises(extralt.InternalServerError) as caught:
        await CALLS[operation](world.another(max_retries=2))
    error = caught.value
    assert (error.status_code, error.code) == (501, "not_implemented")
    assert error.request_id == error.response.headers["x-request-id"]
    assert world.called == {operation}
    assert [it["status"] for it in world.control("GET", "requests")["requests"]] == [501]
