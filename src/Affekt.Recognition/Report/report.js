'use strict';
const items = [...document.querySelectorAll('ol.utterances > li')];
const marks = [...document.querySelectorAll('.timeline a')];
const player = document.querySelector('video, audio');
const filter = document.querySelector('.filter');
const count = document.getElementById('count');

function show() {
  const emotions = new Set([...filter.querySelectorAll('input[name=emotion]:checked')].map(box => box.value));
  const speaker = filter.querySelector('select')?.value ?? '';
  const sure = filter.querySelector('input[name=unsure]').checked;
  let shown = 0;
  items.forEach((item, i) => {
    const wanted = emotions.has(item.dataset.emotion) && (speaker === '' || item.dataset.speaker === speaker)
      && (sure || !item.classList.contains('unsure'));
    item.hidden = !wanted;
    marks[i].classList.toggle('hidden', !wanted);
    shown += wanted ? 1 : 0;
  });
  count.textContent = `${shown} of ${items.length} utterances shown`;
}

function go(item) {
  item.hidden = false;
  const details = item.querySelector('details');
  details.open = true;
  item.querySelector('summary').focus();
  item.scrollIntoView({ block: 'nearest' });
  if (player) player.currentTime = item.dataset.start / 1000;
}

function step(by) {
  const shown = items.filter(item => !item.hidden);
  const at = shown.findIndex(item => item.contains(document.activeElement));
  const next = shown[at < 0 ? (by > 0 ? 0 : shown.length - 1) : at + by];
  if (next) go(next);
}

if (filter) {
  filter.addEventListener('change', show);
  show();
}
marks.forEach((mark, i) => mark.addEventListener('click', event => { event.preventDefault(); go(items[i]); }));
document.querySelectorAll('button[data-play]').forEach(button => {
  button.hidden = !player;
  button.addEventListener('click', () => { player.currentTime = button.dataset.play / 1000; player.play(); });
});
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input, select, textarea')) return;
  if (event.key === 'j') step(1);
  if (event.key === 'k') step(-1);
  if (event.key === 'p' && player) player.paused ? player.play() : player.pause();
});
player?.addEventListener('error', () => player.remove(), true);
player?.addEventListener('timeupdate', () => {
  const now = player.currentTime * 1000;
  items.forEach(item => item.classList.toggle('now', !player.paused && item.dataset.start <= now && now < item.dataset.end));
});
addEventListener('beforeprint', () => document.querySelectorAll('details').forEach(details => { details.open = true; }));
if (items.length === 1) items[0].querySelector('details').open = true;
