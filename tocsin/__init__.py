"""Tocsin: hear the backlash where your industry really talks."""

__version__ = "0.1.0"
