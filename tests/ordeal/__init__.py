"""The battery that `make ordeal` runs: faults, hostile files, deliveries in any order, privacy, disclosure."""
