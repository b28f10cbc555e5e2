import pytest
from django.db import transaction

from payments.errors import ProviderBusy
from payments.services.bulkhead import calling


@pytest.mark.django_db(transaction=True)
def test_a_call_too_many_is_told_to_come_back() -> None:
    with calling():
        with pytest.raises(ProviderBusy) as refused, calling():
            pass
        assert refused.value.retry_after == 1
    with calling():
        pass


@pytest.mark.django_db(transaction=True)
def test_no_provider_is_called_within_a_transaction() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError), calling():
        pass
