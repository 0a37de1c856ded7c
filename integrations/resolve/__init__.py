"""DaVinci Resolve: scripts for its menu that score the open timeline by the service and put the music on it."""
