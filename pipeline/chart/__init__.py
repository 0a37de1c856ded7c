"""A film's analysis as a picture to be read at a glance, as rows for a spreadsheet, and in short."""
