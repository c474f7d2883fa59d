"""Tests of what people look at: drawings, explanations, lessons, worksheets."""
