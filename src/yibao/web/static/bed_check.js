// Asks the device for its place when the form is sent, with the person's consent; without it the form goes as it is.
"use strict";
const form = document.getElementById("bed-check");
const state = document.getElementById("place-state");
const REASONS = { 1: "denied", 2: "unavailable", 3: "unavailable" };

form.addEventListener("submit", (event) => {
  if (form.dataset.asked || !("geolocation" in navigator)) return;
  event.preventDefault();
  form.dataset.asked = "yes";
  state.textContent = "正在取得位置……";
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      form.elements.lng.value = coords.longitude.toFixed(6);
      form.elements.lat.value = coords.latitude.toFixed(6);
      form.elements.accuracy.value = Math.round(coords.accuracy);
      form.elements.why_not.value = "";
      form.requestSubmit();
    },
    (error) => {
      form.elements.why_not.value = REASONS[error.code] || "none";
      form.requestSubmit();
    },
    { enableHighAccuracy: true, timeout: 10000, maximumAge: 0 },
  );
});
