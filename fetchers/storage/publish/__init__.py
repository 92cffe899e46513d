"""Put files under their final names, durably, and take them away again."""
