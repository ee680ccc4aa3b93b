"""Addresses of experiments under /api/v1/."""

from django.urls import path

from experiments.api.analyses import Analyses, AnalysisDetail, LatestAnalysis
from experiments.api.experiments import ExperimentDetail, Experiments
from experiments.api.interventions import Interventions
from experiments.api.moves import Analyse, Complete, Enrol, Start, Stop
from experiments.api.people import Assignments, Treatments

urlpatterns = [
    path("experiments/", Experiments.as_view(), name="experiments"),
    path("experiments/<int:id>/", ExperimentDetail.as_view(), name="experiment"),
    path("experiments/<int:id>/start/", Start.as_view(), name="experiment_start"),
    path("experiments/<int:id>/stop/", Stop.as_view(), name="experiment_stop"),
    path("experiments/<int:id>/complete/", Complete.as_view(), name="experiment_complete"),
    path("experiments/<int:id>/enrol/", Enrol.as_view(), name="experiment_enrol"),
    path("experiments/<int:id>/assignments/", Assignments.as_view(), name="experiment_assignments"),
    path("experiments/<int:id>/treatments/", Treatments.as_view(), name="experiment_treatments"),
    path("experiments/<int:id>/interventions/", Interventions.as_view(), name="experiment_interventions"),
    path("experiments/<int:id>/analysis/", LatestAnalysis.as_view(), name="experiment_analysis"),
    path("experiments/<int:id>/analyses/", Analyses.as_view(), name="experiment_analyses"),
    path("experiments/<int:id>/analyses/<int:analysis>/", AnalysisDetail.as_view(), name="experiment_analysis_of"),
    path("experiments/<int:id>/analyse/", Analyse.as_view(), name="experiment_analyse"),
]
