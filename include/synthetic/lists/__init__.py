"""The lists of the agencies: one file per agency, one function per dataset, both called as in landing."""
