"""A participant's response in words and numbers: lesions over visits as a table and a picture, and the endpoints."""

from followup.response_page.endpoints import endpoint_lines
from followup.response_page.pictures import in_words, sketch, spider
from followup.response_page.reading import response_of
from followup.response_page.table import columns_of, lines_of

__all__ = ["columns_of", "endpoint_lines", "in_words", "lines_of", "response_of", "sketch", "spider"]
