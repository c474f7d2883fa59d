"""Tests of networks: modules, losses, optimisers, fit, data sets, saved networks."""
