"""Pages to hang up and to hand over: a profile per desa and three reports, as PDF, set by typst from one zone's tables."""
