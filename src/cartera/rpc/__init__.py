"""The edge: translates between the contract and the engine, says who may call, and maps errors. Decides nothing."""
