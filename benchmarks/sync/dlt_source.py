"""The same list by dlt's REST API source, set up as its manual has it."""

import os
import tempfile
from typing import Any

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"

import dlt
from dlt.sources.rest_api import rest_api_source
from way import BASE, DATABASE, PER_PAGE, TOKEN, report, timed


def destination() -> Any:
    if DATABASE.startswith("sqlite"):
        return dlt.destinations.sqlalchemy(DATABASE)
    # dlt insists on a password; the bench's server asks for none.
    return dlt.destinations.postgres(DATABASE.replace("postgres://tests@", "postgresql://tests:none@"))


def load() -> int:
    source = rest_api_source(
        {
            "client": {
                "base_url": BASE,
                "auth": {"type": "bearer", "token": TOKEN},
                "paginator": {"type": "page_number", "base_page": 1, "total_path": "meta.last_page"},
            },
            "resource_defaults": {"primary_key": "id", "write_disposition": "merge"},
            "resources": [
                {
                    "name": "customers",
                    "endpoint": {
                        "path": "customers",
                        "params": {"per_page": PER_PAGE},
                        "data_selector": "data",
                    },
                }
            ],
        }
    )
    pipeline.run(source)
    with pipeline.sql_client() as client:
        return int(client.execute_sql("SELECT COUNT(*) FROM customers")[0][0])


with tempfile.TemporaryDirectory() as folder:
    pipeline = dlt.pipeline(
        "bench", pipelines_dir=folder, destination=destination(), dataset_name="bench", progress=None
    )
    report(*timed(load))
