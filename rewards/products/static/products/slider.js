// A slider beside a number: both say the same, and the slider keeps to the number's steps.
for (const slider of document.querySelectorAll("[data-slider-of]")) {
  const number = document.getElementById(slider.dataset.sliderOf);
  if (!number || !number.max) continue;
  for (const name of ["min", "max", "step"]) if (number[name]) slider[name] = number[name];
  slider.value = number.value;
  slider.hidden = false;
  slider.addEventListener("input", () => { number.value = slider.value; });
  number.addEventListener("input", () => { slider.value = number.value; });
}
