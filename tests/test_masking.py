"""What is masked and what is not, and what is left of hostile text."""

from __future__ import annotations

import pytest

from runspect.masking import MASK, mask, mask_text, printable


@pytest.mark.parametrize(
    "key",
    [
        "api_key",
        "wandb.api_key",
        "HF_TOKEN",
        "aws_secret_access_key",
        "db_password",
        "hubToken",
        "clientSecret",
        "auth-token",
        "token",
        "login.token.value",
    ],
)
def test_secret_keys(key: str) -> None:
    assert mask(key, "x1") == MASK and mask("list", [{key: "x1"}]) == [{key: MASK}]


@pytest.mark.parametrize(
    "key",
    [
        "max_tokens",
        "tokenizer",
        "pad_token",
        "num_tokens",
        "keys",
        "monkey",
        "model.eos_token",
        "model.token_embedders.tokens.type",
        "token_type",
        "placeholder_token",
    ],
)
def test_keys_that_are_no_secrets(key: str) -> None:
    assert mask(key, "x1") == "x1" and mask("token", 5) == 5


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("export WANDB_API_KEY=0123abcd", f"export WANDB_API_KEY={MASK}"),
        ("wandb login " + "0a" * 20, f"wandb login {MASK}"),
        ("train.py --hub-token tok1 --lr 3", f"train.py --hub-token {MASK} --lr 3"),
        ("Authorization: Bearer abc.def", f"Authorization: Bearer {MASK}"),
        ('{"password": "pw", "user": "bob"}', f'{{"password": "{MASK}", "user": "bob"}}'),
        ("api_key: abc", f"api_key: {MASK}"),
        ("https://bob:pw@host/x", f"https://bob:{MASK}@host/x"),
        ("AKIAABCDEFGHIJKLMNOP", MASK),
        ("loss per token: 2.31 | tokens: 512", "loss per token: 2.31 | tokens: 512"),
        ("token: 17", "token: 17"),
        ("a bearer of news", "a bearer of news"),
    ],
)
def test_texts(text: str, shown: str) -> None:
    assert mask_text(text) == shown


def test_printable_text_has_no_escape_control_or_bidi_characters() -> None:
    assert printable("a\x1b[31mb\x1b]0;title\x07c\nd\u202ee") == "abc d·e"
