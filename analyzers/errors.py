"""What can go wrong in this wing.

AnalyzerError
    ModelError       a model's files are missing, damaged or do not fit this version
    ModelChoiceError ... because the configuration (or an option) names no usable one
    LabelledRowError a labelled file cannot be used
    ThresholdError   a threshold has no such name or value
    TooFewOutcomesError  history holds too few pile-ons to fit weights on
    TrainingError    training cannot start or go on
    VolumeSeriesError counts over time cannot be read as a series
"""

from __future__ import annotations


class AnalyzerError(Exception):
    """The root of this wing's errors; the text names the file or setting and what to do."""


class ModelError(AnalyzerError):
    """A model cannot be loaded."""


class ModelChoiceError(ModelError):
    """No usable model is named, or its labels have no meaning here: a mistake of the configuration."""


class LabelledRowError(AnalyzerError):
    """A row of a labelled file cannot be used."""


class TrainingError(AnalyzerError):
    """Training cannot start or go on."""


class ThresholdError(AnalyzerError):
    """A threshold of the gates has no such name, or no such value."""


class TooFewOutcomesError(AnalyzerError):
    """History holds too few threads that became a pile-on, or too few that did not."""


class VolumeSeriesError(AnalyzerError):
    """Counts over time are no series: a count is none, or the rows are not five minutes apart."""
