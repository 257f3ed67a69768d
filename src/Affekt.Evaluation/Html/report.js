// Draws the charts beside the tables; without it the tables say the same.
(() => {
  'use strict';
  const report = JSON.parse(document.getElementById('data').textContent);
  if (report.n === 0) return;
  const percent = fraction => 100 * fraction;
  const axis = { low: 0, high: 100, type: Chartist.FixedScaleAxis, ticks: [0, 20, 40, 60, 80, 100], labelInterpolationFnc: value => `${value}` };
  const padding = { top: 10, right: 20, bottom: 5, left: 0 };

  const bars = (id, labels, series, intervals) => {
    const chart = new Chartist.BarChart(`#${id}`, { labels, series }, { axisY: axis, seriesBarDistance: 18, chartPadding: padding });
    chart.on('draw', drawn => {
      if (drawn.type !== 'bar' || drawn.seriesIndex !== 0 || !intervals) return;
      const y = value => drawn.chartRect.y1 - drawn.axisY.projectValue(percent(value));
      const [low, high] = intervals[drawn.index];
      drawn.group.elem('line', { x1: drawn.x1, x2: drawn.x1, y1: y(low), y2: y(high) }, 'interval');
    });
  };

  const names = ['accuracy', 'weighted_f1', 'macro_f1', 'uar'];
  const scores = [report, report.majority];
  if (report.against) scores.splice(1, 0, report.against.scores);
  bars('scores', ['accuracy', 'weighted F1', 'macro F1', 'UAR'], scores.map(row => names.map(name => percent(row[name]))), names.map(name => report.ci95[name]));

  if (report.rows) {
    const rows = report.rows.filter(row => row.n > 0);
    bars('rows', rows.map(row => row.name), ['accuracy', 'weighted_f1'].map(name => rows.map(row => percent(row[name]))), rows.map(row => row.ci95.accuracy));
  }

  const classes = Object.entries(report.per_class);
  bars('classes', classes.map(([label]) => label), ['precision', 'recall', 'f1'].map(part => classes.map(([, row]) => percent(row[part]))));

  if (report.reliability) {
    const line = bins => bins.filter(bin => bin.count > 0).map(bin => ({ x: percent(bin.confidence), y: percent(bin.accuracy) }));
    const series = [line(report.reliability.after)];
    if (report.reliability.before) series.push(line(report.reliability.before));
    series.push({ className: 'ideal', data: [{ x: 0, y: 0 }, { x: 100, y: 100 }] });
    new Chartist.LineChart('#reliability', { series }, { axisX: axis, axisY: axis, lineSmooth: false, chartPadding: padding });
  }
})();
