"""What users have → clean samples: lists, files, evaluation loops.

`samples` reads the three lists and is the only place that guesses what was meant;
`readers` reads files of predictions into the three lists; `record` collects them inside an
evaluation loop. Below them: `arrays` (any object → NumPy), `classes` (label maps and class
names), `columns` (which column of a file is what) and `folders` (labels from class folders).
Rows are counted from 0 in every message, as in the user's own lists.
"""
