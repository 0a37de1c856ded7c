"""The report's pictures: lanes on one time axis, as inline SVG that stretches with the page."""
