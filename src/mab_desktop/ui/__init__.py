"""The Qt kit that the four applications share."""
