"""Version 1 of the contract. Its modules are generated from protos/cartera/routing/v1 by the build."""
