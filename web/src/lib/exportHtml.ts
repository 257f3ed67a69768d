import { modalities, type Person, type Recognition, type Utterance } from '../api/types';
import { directionOf, type Key, language, t } from '../i18n';
import {
  answer,
  emotionName,
  labelsOf,
  modalityName,
  paintOf,
  shareOf,
  sourceName,
  tally,
  warningText,
  whyNot,
} from './emotions';
import { clock, count, percent, signed } from './format';
import { type Bar, bars, sharesOf } from './people';

const heads: Key[] = [
  'html.from',
  'html.to',
  'html.speaker',
  'html.emotion',
  'html.confidence',
  'html.words',
  'html.adds',
];

/** A result as a page of its own that needs neither server nor script; its style is the only thing that is not text. */
export function toHtml(result: Recognition): string {
  const { bundle, input, utterances, warnings } = result;
  return `<!doctype html>
<html lang="${language.get()}" dir="${directionOf(language.get())}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${safe(t('html.title', { file: input.file }))}</title>
<style>${style}</style>
</head>
<body>
<h1>${safe(input.file)}</h1>
<p>${clock(input.duration_ms)} · ${count(utterances.length, 'utterance')} · ${safe(tally(utterances))}</p>
<p>${safe(t('viewer.bundle', { name: bundle.name, version: bundle.version, hash: bundle.hash.slice(0, 12) }))}</p>
<p class="note">${safe(t('html.law'))}</p>
${warnings.length > 0 ? `<h2>${safe(t('html.good'))}</h2>\n<ul>${warnings.map(one => `<li>${safe(warningText(one))} <code>${safe(one.code)}</code></li>`).join('')}</ul>\n` : ''}
${people(result)}<h2>${safe(t('viewer.utterances'))}</h2>
<table>
<thead><tr>${[...heads.map(key => t(key)), ...labelsOf(utterances[0]?.probabilities).map(emotionName)].map(name => `<th scope="col">${safe(name)}</th>`).join('')}</tr></thead>
<tbody>
${utterances.map(row).join('\n')}
</tbody>
</table>
</body>
</html>
`;
}

function people({ persons = [], input }: Recognition): string {
  if (persons.length === 0) return '';
  const heads: Key[] = ['people.name', 'people.speaks', 'html.share', 'people.seen', 'people.shares', 'people.changes'];
  const rows = persons.map(({ name, voice, face, emotions, changes }) =>
    [
      `<th scope="row">${face?.thumbnail ? `<img alt="" width="32" height="32" src="data:image/png;base64,${safe(face.thumbnail)}"> ` : ''}${safe(name)}</th>`,
      ...[
        voice ? clock(voice.speech_ms) : '–',
        voice ? percent(voice.share) : '',
        face ? clock(face.seen_ms) : '–',
        safe(sharesOf(emotions)),
        changes
          .map(one => `${clock(one.at_ms)} ${safe(emotionName(one.from))} → ${safe(emotionName(one.to))}`)
          .join('<br>'),
      ].map(cell => `<td>${cell}</td>`),
    ].join(''),
  );
  const shown = persons.filter(one => one.over_time.length > 0);
  const length = Math.max(1, input.duration_ms, ...shown.map(one => one.over_time.at(-1)!.end_ms));
  const part = (bar: Bar, { emotions }: Person) =>
    `<rect class="${paintOf(bar.label, emotions)}" x="${bar.left.toFixed(2)}" y="${bar.top.toFixed(2)}" width="${bar.width.toFixed(2)}" height="${bar.height.toFixed(2)}"/>`;
  return `<h2>${safe(t('people.title'))}</h2>
<table>
<thead><tr>${heads.map(key => `<th scope="col">${safe(t(key))}</th>`).join('')}</tr></thead>
<tbody>
${rows.map(cells => `<tr>${cells}</tr>`).join('\n')}
</tbody>
</table>
<h2>${safe(t('people.course'))}</h2>
<p class="note">${clock(0)} – ${clock(length)} · ${labelsOf(shown[0]?.emotions)
    .map(label => `<span class="dot ${paintOf(label, shown[0]?.emotions)}"></span>${safe(emotionName(label))}`)
    .join(' ')}</p>
${shown
  .map(
    one =>
      `<p class="course"><span>${safe(one.name)}</span><svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="${safe(one.name)}">${bars(
        one,
        length,
      )
        .map(bar => part(bar, one))
        .join('')}</svg></p>`,
  )
  .join('\n')}
`;
}

function row(one: Utterance): string {
  const parts = modalities.map(modality => {
    const use = one.modalities[modality];
    return use.status === 'used'
      ? `${safe(modalityName(modality))} ${signed(one.contribution[modality])}`
      : `${safe(modalityName(modality))}: ${safe(whyNot(use))}`;
  });
  const words = one.text === null ? `<i>${safe(t('live.noWords'))}</i>` : safe(one.text);
  return (
    `<tr class="${paintOf(one.emotion, one.probabilities)}"><td>${clock(one.start_ms)}</td><td>${clock(one.end_ms)}</td><td>${safe(one.speaker ?? '')}</td>` +
    `<th scope="row">${safe(answer(one))}</th><td>${percent(one.confidence, 1)}</td>` +
    `<td dir="auto" title="${safe(sourceName(one.text_source))}">${words}</td><td>${parts.join('<br>')}</td>` +
    `${labelsOf(one.probabilities)
      .map(label => `<td>${percent(shareOf(one.probabilities, label), 1)}</td>`)
      .join('')}</tr>`
  );
}

export function safe(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

const style = `
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;margin:0 auto;max-width:90rem;padding:1rem 1.25rem 3rem}
table{border-collapse:collapse;font-size:.9rem;width:100%}th,td{padding:.3rem .6rem;text-align:start;vertical-align:top;border-bottom:1px solid #8885}
tbody th{border-inline-start:.4rem solid var(--c);white-space:nowrap}td{font-variant-numeric:tabular-nums}img{vertical-align:middle}
.course{display:grid;grid-template-columns:8rem 1fr;gap:.75rem;margin:.3rem 0}.course svg{width:100%;height:2.2rem;background:#8883}rect{fill:var(--c)}.dot{display:inline-block;width:.8em;height:.8em;border-radius:50%;background:var(--c);margin:0 .3em 0 .6em}
.neutral{--c:#7d858f}.joy{--c:#c99700}.sadness{--c:#3573c9}.anger{--c:#c43428}.fear{--c:#7d4fb8}.disgust{--c:#4b8427}.surprise{--c:#0b8894}
`;
