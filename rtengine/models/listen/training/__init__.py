"""Learning to listen from one's own music alone: the network, its data, its training. Needs PyTorch."""
