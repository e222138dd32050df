"""The counter (事前事中): orders and uploaded lines looked at while there is time."""
