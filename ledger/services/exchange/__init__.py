"""Imports: foreign files become proposed debt, through the recording of every other debt."""

from ledger.services.exchange.imports import file_import
from ledger.services.exchange.uploads import upload_discard, upload_import, upload_store

__all__ = ["file_import", "upload_discard", "upload_import", "upload_store"]
