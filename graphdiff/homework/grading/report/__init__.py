"""The report of a graded class: one page that needs nothing else."""
