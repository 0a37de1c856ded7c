"""Texts that make a watch start by itself: a systemd unit, a launchd plist, a Windows task. Nothing here installs."""
