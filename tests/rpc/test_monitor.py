"""How often a stream of monitoring tables comes."""

import pytest

from cartera.rpc.monitor import Pace


class Seconds:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.mark.req("W2")
@pytest.mark.parametrize(("took", "pause"), [(0.01, 1.0), (0.1, 1.0), (0.5, 4.5), (10.0, 90.0)])
def test_a_table_that_takes_long_is_made_less_often(took, pause):
    """A stream rests for its interval, and nine times as long as its last table took where that is more: whatever the
    tenant's size, no stream takes more than a tenth of the service's time.
    """
    seconds = Seconds()
    pace = Pace(1.0, seconds)
    assert pace.pause() == 1.0
    with pace:
        seconds.now += took
    assert pace.pause() == pytest.approx(pause)
