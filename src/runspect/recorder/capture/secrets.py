"""What of a command line and of an environment is a secret: by name, by pattern, and by the value's shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from runspect.masking import MASK, mask, mask_text

DENIED_WORDS = (
    "TOKEN", "KEY", "APIKEY", "SECRET", "PASSWORD", "PASSWD", "PASS", "PWD", "PASSPHRASE", "CREDENTIAL", "CREDENTIALS",
    "AUTH", "AUTHORIZATION", "COOKIE", "PRIVATE", "CERT", "SIGNATURE", "JWT", "DSN", "BEARER", "SESSION", "WEBHOOK",
)  # fmt: skip
"""A variable with one of these words in its name, between underscores, is never recorded, whatever else allows it."""
DENIED_NAMES = (
    "DATABASE_URL", "REDIS_URL", "MONGO_URL", "AMQP_URL", "SENTRY_DSN", "CONNECTION_STRING", "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_INDEX", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY",
    "GIT_ASKPASS", "SSH_AUTH_SOCK", "LS_COLORS",
)  # fmt: skip
"""Variables that often hold a password inside a longer value."""

_SPLIT = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")
_OPTION = re.compile(r"--?[A-Za-z][\w.-]*\Z")
_LONG = re.compile(r"(--?[A-Za-z][\w.-]*|[+~]{0,2}[A-Za-z_][\w./@-]*)=(.*)\Z", re.DOTALL)
_ARGUMENT_WORDS = frozenset(DENIED_WORDS) - {"KEY", "PASS", "SESSION", "SIGNATURE", "PRIVATE", "CERT", "AUTH"}
"""Arguments are more than variables: `--sort-key` and `--pass 2` are no secrets, `--api-key` and `--auth-token` are."""
_KEYS = re.compile(r"(?:^|[_.-])(?:api|access|auth|account|private|secret|client|encryption|signing|ssh|license)[_.-]?key$", re.I)  # fmt: skip
_USUAL_TOKENS = re.compile(
    r"(?:^|[_.-])(?:pad|eos|bos|unk|mask|cls|sep|image|special|stop|prefix|start|end|blank|max|min|num|per|n|new)[_.-]?"
    r"(?:\w+[_.-])?tokens?$|tokens$",
    re.IGNORECASE,
)


def denied(name: str) -> bool:
    """Whether an environment variable is never recorded."""
    upper = name.upper()
    return upper in DENIED_NAMES or any(word.upper() in DENIED_WORDS for word in _SPLIT.split(name))


def secret_argument(name: str) -> bool:
    """Whether the value of an option or of a `name=value` is a secret by the name (dashes before it aside)."""
    name = name.lstrip("-+~")
    if _USUAL_TOKENS.search(name):
        return False
    words = {word.upper() for word in _SPLIT.split(name)}
    return bool(words & _ARGUMENT_WORDS) or _KEYS.search(name) is not None or mask(name, "x") == MASK


def masked_argv(argv: Sequence[str]) -> list[str]:
    """The command line with what is secret in it masked; it keeps its length."""
    return list(_masked(argv))


def masked_value(name: str, value: str) -> str:
    """A variable's value, with what looks like a secret masked."""
    return str(mask(name, value))


def _masked(argv: Sequence[str]) -> Iterable[str]:
    before = ""
    for word in argv:
        if _OPTION.match(before) and secret_argument(before) and not _OPTION.match(word):
            yield MASK
        elif (found := _LONG.match(word)) and secret_argument(found[1]) and found[2]:
            yield f"{found[1]}={MASK}"
        else:
            yield mask_text(word)
        before = word
