"""What every test of images needs: a way to make files, and to ask for a status."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from sensitivity.errors import ImageError
from sensitivity.images import STATUSES, decode


@pytest.fixture
def encoded() -> Callable[..., bytes]:
    """Return a function that writes pixels, or a Pillow image, in a format of Pillow's."""

    def encode(image: Any, kind: str, **options: Any) -> bytes:
        image = image if isinstance(image, Image.Image) else Image.fromarray(image)
        buffer = io.BytesIO()
        image.save(buffer, kind, **options)
        return buffer.getvalue()

    return encode


@pytest.fixture
def status_of() -> Callable[..., str]:
    """Return a function that decodes what cannot be decoded, and tells the status."""

    def status(data: bytes, **options: Any) -> str:
        with pytest.raises(ImageError) as caught:
            decode(data, **options)
        assert caught.value.status in STATUSES
        assert caught.value.reason
        return caught.value.status

    return status
