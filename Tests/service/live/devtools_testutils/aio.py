"""The same for coroutines."""
import functools
from . import accepted


def recorded_by_proxy_async(test):
    @functools.wraps(test)
    async def run(*arguments, **named):
        return await test(*arguments, **accepted(test, named))

    return run
