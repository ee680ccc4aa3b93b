"""The ways out of this app that name customers."""

from customers.outlets import Kind, Outlet

OUTLETS = (
    Outlet("url admin:index", Kind.TREATMENT, "the first of today's risk list, to call", recorded_as="home"),
    Outlet("url admin:logout", Kind.SILENT, "nothing"),
    Outlet("url admin:view_on_site", Kind.SILENT, "nothing: no row has a page outside the admin"),
    Outlet("url api:token", Kind.SILENT, "tokens"),
    Outlet("url api:token_refresh", Kind.SILENT, "tokens"),
    Outlet("url api:token_revoke", Kind.SILENT, "nothing"),
    Outlet("command demo", Kind.TREATMENT, "the ten customers most at risk, with reasons", recorded_as="demo"),
    Outlet("command simulate_experiment", Kind.SILENT, "figures of a simulated experiment"),
    Outlet("command run_daily", Kind.SILENT, "numbers of each step"),
    Outlet("command data_dictionary", Kind.SILENT, "columns and what they mean"),
    Outlet("command serve", Kind.SILENT, "an address"),
    Outlet("task churnsite.tasks.daily", Kind.SILENT, "nothing"),
    Outlet("task churnsite.tasks.training", Kind.SILENT, "nothing"),
    Outlet("task churnsite.tasks.retention", Kind.SILENT, "nothing"),
    Outlet("task churnsite.tasks.go_on", Kind.SILENT, "nothing"),
    Outlet("task churnsite.tasks.do_part", Kind.SILENT, "nothing"),
    Outlet("task churnsite.tasks.gather", Kind.SILENT, "nothing"),
)
