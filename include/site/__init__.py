"""The site of a release: pages that district staff read, made of one zone's tables and of nothing else."""
