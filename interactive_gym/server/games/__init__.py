"""The games of a scene, from their creation until their last frames have arrived."""
