"""Historical screening logs: patients of a hospital who were never participants, staged and judged alike.

columns.py says how each heading of a log is read, reading.py takes a file apart, values.py reads a row's cells
with the ranges of the forms, judging.py stages and judges it by the rules participants are judged by, report.py
writes down what came out, actions.py stores it.
"""
