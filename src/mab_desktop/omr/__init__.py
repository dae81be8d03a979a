"""The reader of answer sheets: image in, reading out."""
