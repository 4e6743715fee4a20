"""What users have → clean samples: lists, files, evaluation loops.

`samples` reads the three lists and is the only place that guesses what was meant;
`readers` reads files of predictions into the three lists; `record` collects them inside an
evaluation loop. Below them: `arrays` (any object → NumPy), `classes` (label maps and class
names), `scores` (logits or probabilities), `alignment` (do names and labels belong together),
`columns`, `tabular`, `listed` (files of columns), `truth` and `folders` (labels from elsewhere).
Rows are counted from 0 in every message, as in the user's own lists.
"""
