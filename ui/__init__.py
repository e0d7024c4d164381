"""The Gradio app. Installed as ragkit.ui."""
