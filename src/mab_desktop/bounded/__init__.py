"""Work on files that nobody vouches for, in processes of their own with bounds on memory and time.

What decodes a page or a table may crash, hang or ask for the whole memory: it dies alone, its file is refused, and a
fresh process takes the next one. A worker opens no file by itself: it asks for the bytes it needs and gives back
numbers, texts and samples, never objects.
"""
