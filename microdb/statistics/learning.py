"""What more examples would bring, if the error goes on to fall as it did."""

from math import log


def expected_gain(error: float, error_with_fewer: float, count: float, fewer: float, more: int) -> float:
    """How much lower the error would be with ``more`` examples than with ``count``.

    The error is taken to fall as a power of the number of examples (J. Hestness et al., arXiv 1712.00409, 2017), whose
    exponent follows from the error with ``fewer``. This is an extrapolation. It is
    0 where fewer examples were no worse. Raises ValueError for counts that are not 0 < fewer < count.
    """
    if not 0 < fewer < count:
        raise ValueError(f"{fewer} is not between 0 and {count}")
    if error <= 0 or error_with_fewer <= error:
        return 0.0
    exponent = log(error_with_fewer / error) / log(count / fewer)
    return float(error * (1 - ((count + more) / count) ** -exponent))
