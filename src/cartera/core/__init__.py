"""The routing core: functions over values.

No clock, no randomness, no input or output: the same state, command and time always give the same events. That is what
makes a decision explainable and a log replayable.
"""
