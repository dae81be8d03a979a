"""A PDF as it will be printed: all pages, zoom, print with choice of printer, copies and pages, save as PDF.

PreviewView(parent).show_pdf(data: bytes, title: str, copies=1); signals `printed(int copies)`.
preview_dialog(parent, data, title, copies=1) -> int: copies printed.
"""
