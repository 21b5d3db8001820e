"""The ways to an ERP, one file or folder each; `build` knows them all."""
