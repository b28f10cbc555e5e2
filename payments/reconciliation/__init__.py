"""Our books beside a provider's: compared every night, repaired where they may be, shown where a person must."""

from payments.reconciliation.run import open_nightly_runs, open_run, perform_runs, resolve_difference

__all__ = ["open_nightly_runs", "open_run", "perform_runs", "resolve_difference"]
