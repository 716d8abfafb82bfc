"""``python -m ssescope``."""

from __future__ import annotations

from ssescope.cli import main

if __name__ == "__main__":
    main()
