"""PostgreSQL and Redis of one home, started for as long as a piece of work takes."""

import contextlib
from collections.abc import Iterator, Mapping

from bin.local import postgres, programs, redis
from bin.local.home import Home
from bin.local.postgres import Postgres
from bin.local.redis import Redis

Engines = tuple[Postgres, Redis]


def of_home(home: Home, *, throwaway: bool = False) -> Engines:
    return postgres.of_home(home, throwaway=throwaway), redis.of_home(home, throwaway=throwaway)


@contextlib.contextmanager
def running(engines: Engines, *, home: Home, env: Mapping[str, str]) -> Iterator[None]:
    """Both engines, answering. They are stopped in the end, whatever happens in between."""
    with contextlib.ExitStack() as stack:
        for engine in engines:
            program = engine.program()
            log = home.logs / f"{program.name}.log"
            process = programs.start(program, is_ready=engine.is_ready, log=log, env=env)
            stack.callback(programs.stop, process, program.stop_signal)
        yield
