"""Sockets: forwards, stamps and tees streams; replays them; the sandbox upstream."""
