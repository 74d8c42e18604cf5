"""Columns of the run table: what they are called, how their value is found in the index and how it is shown."""

from runspect.columns.cells import age_text, cell, duration_text, number_text, sparkline
from runspect.columns.fair import fair_metrics, fair_params
from runspect.columns.lens import Lens
from runspect.columns.listed import listed
from runspect.columns.names import Names, UnknownName
from runspect.columns.pick import DEFAULT, default_specs, varying
from runspect.columns.records import record
from runspect.columns.spec import Column, header, judged, meant, parse_column, resolve
from runspect.columns.sql import SortTerm, decode, sort_term, value_sql

__all__ = [
    "DEFAULT",
    "Column",
    "Lens",
    "Names",
    "SortTerm",
    "UnknownName",
    "age_text",
    "cell",
    "decode",
    "default_specs",
    "duration_text",
    "fair_metrics",
    "fair_params",
    "header",
    "judged",
    "listed",
    "meant",
    "number_text",
    "parse_column",
    "record",
    "resolve",
    "sort_term",
    "sparkline",
    "value_sql",
    "varying",
]
