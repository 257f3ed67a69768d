import { emotions, modalities, type Recognition, type Utterance } from '../api/types';
import { answer, modalityName, sourceName, tally } from './emotions';
import { clock, count, percent, signed } from './format';

/** A result as a page of its own that needs neither server nor script; its style is the only thing that is not text. */
export function toHtml(result: Recognition): string {
  const { bundle, input, utterances, warnings } = result;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${safe(input.file)}: emotions</title>
<style>${style}</style>
</head>
<body>
<h1>${safe(input.file)}</h1>
<p>${clock(input.duration_ms)} · ${count(utterances.length, 'utterance')} · ${tally(utterances)}</p>
<p>Bundle ${safe(bundle.name)} ${safe(bundle.version)} (${safe(bundle.hash.slice(0, 12))})</p>
<p class="note">An emotion here is an expressed one, as a model trained on annotators' judgements sees it; it says nothing
certain about what a person feels. EU law forbids inferring emotions at work and in education.</p>
${warnings.length > 0 ? `<h2>Good to know</h2>\n<ul>${warnings.map(one => `<li>${safe(one.message)} <code>${safe(one.code)}</code></li>`).join('')}</ul>\n` : ''}
<h2>Utterances</h2>
<table>
<thead><tr>${['from', 'to', 'speaker', 'emotion', 'confidence', 'words', 'what each modality adds', ...emotions].map(name => `<th scope="col">${name}</th>`).join('')}</tr></thead>
<tbody>
${utterances.map(row).join('\n')}
</tbody>
</table>
</body>
</html>
`;
}

function row(one: Utterance): string {
  const parts = modalities.map(modality => {
    const use = one.modalities[modality];
    return use.status === 'used'
      ? `${modalityName[modality]} ${signed(one.contribution[modality])}`
      : `${modalityName[modality]} ${use.status}${use.reason ? `: ${safe(use.reason)}` : ''}`;
  });
  const words = one.text === null ? '<i>no words</i>' : safe(one.text);
  return (
    `<tr class="${one.emotion}"><td>${clock(one.start_ms)}</td><td>${clock(one.end_ms)}</td><td>${safe(one.speaker ?? '')}</td>` +
    `<th scope="row">${answer(one)}</th><td>${percent(one.confidence, 1)}</td>` +
    `<td title="${sourceName[one.text_source]}">${words}</td><td>${parts.join('<br>')}</td>` +
    `${emotions.map(emotion => `<td>${percent(one.probabilities[emotion], 1)}</td>`).join('')}</tr>`
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
table{border-collapse:collapse;font-size:.9rem;width:100%}th,td{padding:.3rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid #8885}
tbody th{border-left:.4rem solid var(--c);white-space:nowrap}td{font-variant-numeric:tabular-nums}
.neutral{--c:#7d858f}.joy{--c:#c99700}.sadness{--c:#3573c9}.anger{--c:#c43428}.fear{--c:#7d4fb8}.disgust{--c:#4b8427}.surprise{--c:#0b8894}
`;
