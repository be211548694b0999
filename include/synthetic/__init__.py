"""An invented regency: its people, and the files that its agencies would deliver about them.

Nothing here describes a real person. Region names and codes are the real ones, read from the seeds of dbt.
"""
