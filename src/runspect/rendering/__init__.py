"""A report as Markdown, HTML and SVG: everything in it is data, and is escaped as the format demands."""
