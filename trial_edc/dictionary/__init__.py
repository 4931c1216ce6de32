"""The data dictionary (docs/dictionary/) and its comparison with the forms as they are defined.

table.py reads the dictionary, product.py the definitions, comparison.py says where they part.
"""
