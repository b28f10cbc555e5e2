"""`python -m sandbox`: serves the stand-ins on 127.0.0.1:$SANDBOX_PORT. Its other variables are in `config.py`."""

import uvicorn

from sandbox.app import make_app
from sandbox.config import from_environment


def main() -> None:
    config = from_environment()
    uvicorn.run(
        make_app(config),
        host="127.0.0.1",
        port=config.port,
        access_log=False,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
