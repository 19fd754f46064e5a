"""Stands where the client libraries' tests expect their recorder, which isn't published: with it they are run against a
service that is there, and nothing is recorded or replayed.
"""
import functools, inspect, os, uuid
from azure.identity import ClientSecretCredential
from azure.identity.aio import ClientSecretCredential as AsyncClientSecretCredential


def is_live():
    return True


def accepted(test, given):
    """Those of the given arguments that a test has names for."""
    names = inspect.signature(test).parameters
    if any(name.kind is name.VAR_KEYWORD for name in names.values()):
        return given
    return {name: value for name, value in given.items() if name in names}


def recorded_by_proxy(test):
    @functools.wraps(test)
    def run(*arguments, **named):
        return test(*arguments, **accepted(test, named))

    return run


def credential(is_async=False, **options):
    kind = AsyncClientSecretCredential if is_async else ClientSecretCredential
    names = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")
    return kind(*(os.environ[name] for name in names), **options)


class AzureRecordedTestCase:
    is_live = True
    # One for each run, so that a name that was deleted is not taken again.
    _run = uuid.uuid4().hex[:8]

    def get_resource_name(self, name):
        test = os.environ["PYTEST_CURRENT_TEST"].split(" ")[0]
        return name + uuid.uuid5(uuid.NAMESPACE_URL, self._run + test).hex[:12]

    def get_credential(self, client, **options):
        return credential(**options)

    def create_client_from_credential(self, client, credential, **options):
        # As the recorder has it: a test looks for what is logged.
        return client(credential=credential, **{"logging_enable": True, **options})


class AzureMgmtPreparer:
    """Makes what a test needs by the resource interface: no test here has it do so."""


def __getattr__(name):
    """What else a recorder is told, as which parts of a recording are secret."""
    if name.startswith("__"):
        raise AttributeError(name)
    return lambda *arguments, **named: None
