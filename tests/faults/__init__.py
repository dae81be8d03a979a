"""Nothing acknowledged is lost, nothing is left half: kills, power cuts, failing disks, jumping clocks."""
