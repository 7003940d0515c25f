"""Generated from the vendored protos/buf, kept here so that no package named buf is installed."""
