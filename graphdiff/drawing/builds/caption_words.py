"""The words of captions, one dictionary per language; formulas and numbers say the rest."""

from __future__ import annotations

__all__ = ["LANGUAGES"]

_ENGLISH = {
    "inputs": "Inputs", "forward": "Forward", "start": "Backward",
    "backward": "Backward", "sum": "Gradients add at the fork", "result": "Gradients",
    "upstream": "upstream gradient", "local": "local gradient", "distributor": "distributor",
    "switcher": "switcher", "router": "router", "scaler": "scaler",
}  # fmt: skip
_KOREAN = {
    "inputs": "입력", "forward": "순전파", "start": "역전파", "backward": "역전파",
    "sum": "갈림길에서 기울기를 더한다", "result": "기울기", "upstream": "상류 기울기",
    "local": "국소 기울기", "distributor": "분배기", "switcher": "스위처", "router": "라우터",
    "scaler": "스케일러",
}  # fmt: skip
LANGUAGES = {"en": _ENGLISH, "ko": _KOREAN}
