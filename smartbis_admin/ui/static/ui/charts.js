// Draws `<figure data-chart="bar|line|step">` from the table inside it, which stays as the other way to read it.
// A row's first cell is its place (`data-x`: a moment, for steps), the others its values (`data-y`, left out: none);
// what is shown of either is the cell's own text, so that no number is formatted twice.
const drawn = [];
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function read(figure) {
  const heads = [...figure.querySelectorAll("thead th")].slice(1).map((cell) => cell.textContent.trim());
  const rows = [...figure.querySelectorAll("tbody tr")].map((row) => {
    const [place, ...values] = row.cells;
    return {
      text: place.textContent.trim(), at: Date.parse(place.dataset.x),
      values: values.map((cell) => ({ text: cell.textContent.trim(), y: cell.dataset.y === undefined ? null : Number(cell.dataset.y) })),
    };
  });
  return { heads, rows };
}

const colours = () => [colour("--brand"), colour("--warning-ink"), colour("--success-ink")];

function paint(chart) {
  const inks = colours();
  chart.data.datasets.forEach((set, place) => { set.borderColor = set.backgroundColor = inks[place % inks.length]; });
  for (const axis of Object.values(chart.options.scales)) {
    axis.ticks.color = colour("--ink-soft");
    axis.grid.color = colour("--line");
  }
  chart.options.plugins.legend.labels.color = colour("--ink");
  chart.update("none");
}

function draw(figure) {
  const { heads, rows } = read(figure);
  const kind = figure.dataset.chart;
  const timed = kind === "step";
  const until = Date.parse(figure.dataset.until);
  const days = new Intl.DateTimeFormat(document.documentElement.lang, { day: "2-digit", month: "2-digit" });
  const sets = heads.map((label, place) => {
    const values = rows.map((row) => row.values[place].y);
    const points = timed ? rows.map((row, i) => ({ x: row.at, y: values[i] })) : values;
    if (timed && until && rows.length) points.push({ x: until, y: values.at(-1) });
    const ink = colours()[place % 3];
    return { label, data: points, borderColor: ink, backgroundColor: ink, stepped: timed && "before", pointRadius: timed ? 2 : 0, borderWidth: kind === "bar" ? 0 : 2 };
  });
  const box = document.createElement("div");
  box.className = "chart-box";
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", figure.getAttribute("aria-label"));
  box.append(canvas);
  figure.prepend(box);
  const cell = (item) => rows[Math.min(item.dataIndex, rows.length - 1)];
  const chart = new window.Chart(canvas, {
    type: kind === "bar" ? "bar" : "line",
    data: { labels: timed ? undefined : rows.map((row) => row.text), datasets: sets },
    options: {
      animation: false, maintainAspectRatio: false, interaction: { mode: "index", intersect: false },
      plugins: {
        legend: { display: heads.length > 1, labels: { boxWidth: 12 } },
        tooltip: { callbacks: {
          title: (items) => cell(items[0]).text,
          label: (item) => `${item.dataset.label}: ${cell(item).values[item.datasetIndex].text}`,
        } },
      },
      scales: {
        x: timed
          ? { type: "linear", min: rows[0]?.at, max: until || undefined, grid: { display: false }, ticks: { maxTicksLimit: 6, maxRotation: 0, callback: (value) => days.format(value) } }
          : { grid: { display: false }, ticks: { maxTicksLimit: 8, maxRotation: 0 } },
        y: { beginAtZero: true, grid: {}, ticks: { precision: 0, maxTicksLimit: 5 } },
      },
    },
  });
  paint(chart);
  drawn.push(chart);
  figure.classList.add("is-drawn");
}

function drawAll() {
  document.querySelectorAll("figure[data-chart]:not(.is-drawn)").forEach(draw);
}

drawAll();
// A part of the page that htmx renewed may hold charts of its own.
document.addEventListener("htmx:afterSettle", drawAll);
new MutationObserver(() => drawn.forEach(paint)).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
