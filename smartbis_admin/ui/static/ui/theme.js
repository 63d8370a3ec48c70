// Runs before the first paint: the remembered theme, or the system's.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const remembered = () => { try { return localStorage.getItem("theme") || "auto"; } catch { return "auto"; } };
  const apply = () => {
    const theme = remembered();
    root.dataset.bsTheme = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
  };
  root.classList.add("js");
  apply();
  dark.addEventListener("change", apply);
  window.smartbisTheme = { remembered, set(theme) { try { localStorage.setItem("theme", theme); } catch { /* private window: for this page only */ } apply(); } };
})();
