// The styles that htmx would write into each page stand in admin.css: the page's policy allows none within it.
htmx.config.includeIndicatorStyles = false;
