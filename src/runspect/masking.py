"""The one rule of what is a secret and how untrusted text is made safe to show."""

from __future__ import annotations

import re
from typing import Any

MASK = "••••••"

_SECRET_KEY = re.compile(
    r"(?:^|[._\-/])(?:(?:api[_-]?key|apikey|access[_-]?key|secret(?:[_-]?key)?|password|passwd|pwd|"
    r"credentials?|private[_-]?key|client[_-]?secret|bearer)(?:$|[._\-/])|token(?:$|[./]))",
    re.IGNORECASE,
)
"""Whole words; `token` at the end of a name alone, for a model has `token_embedders` and a `token_type`."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_VOCABULARY = re.compile(
    r"(?:^|[._\-/])(?:pad(?:ding)?|eos|bos|eot|sot|eod|unk|mask|cls|sep|start|end|stop|blank|image|video|audio|prefix|"
    r"suffix|special|placeholder|initializer|instance|trigger|lang(?:uage)?|delimiter|cross|per|pool|first|last)_token$",
    re.IGNORECASE,
)
"""A tokenizer's own marks, and the words that a fine-tuning teaches."""
_SECRET_VALUE = re.compile(
    r"(?:\bhf_[A-Za-z0-9]{20,}|\bsk-[A-Za-z0-9_\-]{20,}|\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_[A-Za-z0-9_]{30,}|"
    r"\bglpat-[A-Za-z0-9_\-]{18,}|\bAKIA[0-9A-Z]{16}\b|\bxox[abprs]-[A-Za-z0-9\-]{10,}|\bAIza[0-9A-Za-z_\-]{35}|"
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\beyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,})"
)
_URL_PASSWORD = re.compile(r"(?<=://)([^\s/:@]+):([^\s/@]+)(?=@)")
_ASSIGNED = re.compile(
    r"(?i)(--?(?:[a-z_\-]*[_\-])?(?:api[_-]?key|token|password|passwd|secret)(?:=|\s+)|"
    r"\b[A-Z_]*(?:API_?KEY|TOKEN|PASSWORD|SECRET)\s*=\s*|\bwandb\s+login\s+(?=[0-9a-f]{40}\b))(\S+)"
)
_STATED = re.compile(
    r"(?i)(\b[a-z_]*(?:api_?key|access_?key|private_?key|token|password|passwd|secret)[\"']?\s*:\s*[\"']?"
    r"(?!\d+(?:\.\d*)?(?:[^\w.]|$))|\bauthorization[\"']?\s*:\s*[\"']?(?:[a-z]+\s+)?|\bbearer\s+(?=\S{16}))([^\s\"',}]+)"
)
"""`"password": "x"`, `token: x` unless x is a number, `Authorization: Bearer x`."""
_ESCAPE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[@-Z\\-_]|[ -/]+[0-~])"
)


def mask(key: str, value: Any) -> Any:
    """Return `value`, or a mask in place of what is secret by the key's name or by the value's shape.

    Token counts (`max_tokens`, `num_tokens`) are no secrets: only whole words count, and numbers never are.
    """
    if isinstance(value, str):
        if value and _SECRET_KEY.search(_CAMEL.sub("_", key)) and not _VOCABULARY.search(key):
            return MASK
        return mask_text(value)
    if isinstance(value, list):
        return [mask(key, item) for item in value]
    if isinstance(value, dict):
        return {name: mask(name, item) for name, item in value.items()}
    return value


def mask_text(text: str) -> str:
    """Mask secrets inside free text such as a command line or a console line."""
    text = _SECRET_VALUE.sub(MASK, text)
    text = _URL_PASSWORD.sub(rf"\1:{MASK}", text)
    for pattern in (_ASSIGNED, _STATED):
        text = pattern.sub(lambda match: match.group(1) + MASK, text)
    return text


def printable(text: str) -> str:
    """Make untrusted text safe for one terminal line: no escape sequence, no control or bidi character."""
    if text.isascii() and text.isprintable():
        return text
    from unicodedata import category  # not for the plain text of most

    text = _ESCAPE.sub("", text)
    return "".join(_safe(char, category(char)) for char in text)


def _safe(char: str, category: str) -> str:
    if char in "\n\r\t":
        return " "
    if category in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
        return "" if char in "\u200d\ufeff" else "·"
    return char
